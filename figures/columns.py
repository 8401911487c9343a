"""The columns of the published figures, for exports and the API."""

from django.utils.translation import gettext_lazy as _

from common.columns import Column, Kind
from figures.models import Figure, Precision

FIGURES = (
    Column("id", _("id"), Kind.COUNT),
    Column("indicator", _("indicator (code)"), Kind.TEXT, "indicator__code"),
    Column("indicator_label", _("indicator"), Kind.TEXT, "indicator__name"),
    Column("unit", _("unit"), Kind.TEXT, "indicator__unit"),
    Column("territory", _("territory (code)"), Kind.TEXT, "territory__key"),
    Column("territory_label", _("territory"), Kind.TEXT, "territory__name"),
    Column("group", _("group"), Kind.TEXT),
    Column("period_start", _("period from"), Kind.DATE),
    Column("as_of", _("as of"), Kind.DATE),
    Column("date_precision", _("precision of the date (code)"), Kind.TEXT),
    Column(
        "date_precision_label",
        _("precision of the date"),
        Kind.TEXT,
        "date_precision",
        choices=tuple(Precision.choices),
    ),
    Column("value", _("value"), Kind.COUNT),
    Column("quality", _("quality (code)"), Kind.TEXT),
    Column("quality_label", _("quality"), Kind.TEXT, "quality", choices=tuple(Figure.Quality.choices)),
    Column("is_official", _("the office's figure"), Kind.FLAG),
    Column("source", _("source (code)"), Kind.TEXT, "source__key"),
    Column("source_title", _("title of the source"), Kind.TEXT, "source__title"),
    Column("publisher", _("publisher"), Kind.TEXT, "source__publisher"),
    Column("published_on", _("published on"), Kind.DATE, "source__published_on"),
    Column("source_url", _("link"), Kind.LINK, "source__url"),
    Column("note", _("note"), Kind.TEXT),
    Column("is_demo", _("demo data"), Kind.FLAG),
)
