"""Published figures from a spreadsheet, each with its source; a source that is not known yet comes along."""

from datetime import date
from typing import Any

from django.core.validators import URLValidator
from django.db.models import Count
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.history import delete_with_history, history_of
from common.models import DataVersion
from common.text import fold
from figures.columns import FIGURES
from figures.models import Figure, Indicator, Precision, Source
from imports.cells import blank_if_dash, day, flag, signed_rupiah, text
from imports.importer import Field, Importer, register
from imports.words import choice, labels, named
from regions.models import Territory

LABELS = {column.name: column.label for column in FIGURES}
_check_url = URLValidator(schemes=["http", "https"])


def link(cell):
    """The address of a source."""
    typed = text(500)(cell)
    _check_url(typed)
    return typed


def _field(name, synonyms, parse, *, label=None, **options):
    return Field(name, LABELS[label or name], synonyms, parse and blank_if_dash(parse), **options)


FIELDS = (
    _field("indicator", ("nama indikator",), None, label="indicator_label", required=True, once=True),
    _field("territory", ("kabupaten kota", "kab kota"), None, label="territory_label", required=True, once=True),
    _field("group", ("kelompok koperasi",), text(120), note=_("Empty for all cooperatives.")),
    _field("period_start", ("periode mulai",), day, note=_("For flows such as “new cooperatives”."), once=True),
    _field("as_of", ("tanggal data",), day, required=True, once=True, example="31/12/2021"),
    _field(
        "date_precision",
        (),
        choice(Precision.choices),
        label="date_precision_label",
        choices=lambda: labels(Precision.choices),
        once=True,
    ),
    _field("value", ("jumlah",), signed_rupiah, required=True, example="5.745"),
    _field(
        "quality",
        (),
        choice(Figure.Quality.choices),
        label="quality_label",
        choices=lambda: labels(Figure.Quality.choices),
        once=True,
    ),
    _field("is_official", (), flag, note=_("Only for those who may choose the office's figure.")),
    _field("source", ("sumber",), text(60), note=_("The code of a source that is known, or a new one."), once=True),
    _field("source_title", ("judul rilis",), text(200), once=True),
    _field("publisher", (), text(120), once=True),
    _field("published_on", ("tanggal terbit",), day, once=True),
    _field("source_url", (), link, once=True),
    _field("note", ("keterangan",), text(1000)),
)


@register
class FigureImporter(Importer):
    """What somebody published. What a file says of a source that is known already must agree and changes nothing."""

    kind = "angka"
    label = _("published figures")
    model = Figure
    permission = "figures.add_figure"
    fields = FIELDS
    skipped = (
        (
            _("The code of the column beside it."),
            tuple(LABELS[name] for name in ("indicator", "territory", "date_precision", "quality")),
        ),
        (_("The portal derives this itself."), tuple(LABELS[name] for name in ("id", "unit", "is_demo"))),
        (_("A running number."), ("no", "nomor urut", "no urut")),
    )

    def prepare(self):
        self.indicators, territories = Indicator.objects.in_bulk(), list(Territory.objects.select_related("regency"))
        self.territories = {territory.pk: territory for territory in territories}
        self.give(
            indicator=named({row.pk: (row.name, row.code) for row in self.indicators.values()}),
            territory=named({row.pk: _spellings(row) for row in territories}),
        )
        sources = list(Source.objects.all())
        self.by_key = {source.key: source for source in sources}
        self.by_title = {(fold(source.title), fold(source.publisher)): source for source in sources}
        self.may_choose = self.user.has_perm("figures.mark_official")
        self.is_demo = DataVersion.objects.filter(key="demo").exists()
        self.chosen_before: set = set()
        self.made: dict = {}

    # -- Before ----------------------------------------------------------------------------------------

    def find(self, entries):
        for entry in entries:
            self._settle_source(entry)
        days = {entry.values.get("as_of") for entry in entries} - {None}
        indicators = {entry.values.get("indicator") for entry in entries} - {None}
        known = Figure.objects.filter(as_of__in=days, indicator__in=indicators)
        found, self.official = {}, {}
        for figure in known:
            place = (figure.indicator_id, figure.territory_id, figure.group, figure.as_of.isoformat())
            found[(*place, figure.source_id)] = figure
            if figure.is_official:
                self.official[place] = figure
        for entry in entries:
            values = entry.values
            entry.place = tuple(values.get(name) or "" for name in ("indicator", "territory", "group", "as_of"))
            source = values.get("source") or entry.parts.get("source", {}).get("key")
            if "" not in (entry.place[0], entry.place[1], entry.place[3]) and source:
                entry.key = (*entry.place, source)
                entry.record = found.get(entry.key)

    def _settle_source(self, entry):
        values = entry.values
        key, title, publisher = (values.pop(name, None) for name in ("source", "source_title", "publisher"))
        published_on, url = values.pop("published_on", None), values.pop("source_url", None)
        known = self.by_key.get(key) if key else self.by_title.get((fold(title or ""), fold(publisher or "")))
        if known is not None:
            values["source"] = known.pk
            if title and fold(title) != fold(known.title):
                words = gettext("This code belongs to the source “%(title)s”. Give another code.")
                entry.refuse(words % {"title": known.title}, field="source")
        elif not title or not publisher:
            words = gettext("Which source? Give the code of a known one, or title and publisher of a new one.")
            entry.refuse(words, field="source" if key else "source_title")
        else:
            made = slugify(key or title)[:60]
            if not made or (not key and made in self.by_key):
                entry.refuse(gettext("This source needs a code of its own, of letters and digits."), field="source")
            entry.parts = {
                "source": {
                    "key": made,
                    "title": title,
                    "publisher": publisher,
                    "published_on": published_on,
                    "url": url,
                }
            }

    def check(self, entry):
        now = {name: entry.after.get(name, getattr(entry.record, name, None)) for name in ("quality", "is_official")}
        indicator = self.indicators.get(entry.values.get("indicator"))
        value, begin, end = (entry.values.get(name) for name in ("value", "period_start", "as_of"))
        if indicator and value is not None and value < 0 and indicator.measure == Indicator.Measure.COUNT:
            entry.refuse(gettext("This number cannot be below zero."), field="value")
        if begin and end and begin > end:
            entry.refuse(gettext("A period must begin before the date that it ends on."), field="period_start")
        if now["is_official"] and now["quality"] == Figure.Quality.CONFLICTING:
            entry.refuse(gettext("The office's figure cannot be marked as conflicting."), field="quality")
        if "is_official" not in entry.after or (entry.record is None and not now["is_official"]):
            return
        if not self.may_choose:
            entry.refuse(gettext("You may not choose the office's figure. Leave this cell empty."), field="is_official")
        elif now["is_official"]:
            if entry.place in self.official or entry.place in self.chosen_before:
                words = gettext("For this indicator, territory, group and date another figure is the office's already.")
                entry.refuse(words, field="is_official")
            self.chosen_before.add(entry.place)

    def title(self, entry):
        indicator = self.indicators.get(entry.values.get("indicator"))
        parts = [indicator.name if indicator else "", self.place_of(entry), entry.values.get("as_of") or ""]
        return ", ".join(part for part in parts if part)

    def place_of(self, entry):
        territory = self.territories.get(entry.values.get("territory"))
        return territory.name if territory else ""

    def places(self):
        rows = Figure.objects.order_by().values_list("territory").annotate(Count("pk"))
        return {self.territories[pk].name: count for pk, count in rows}

    def records(self):
        return Figure.objects.for_list()

    def name_of(self, record):
        return f"{record.indicator}, {record.territory}, {record.as_of}: {record.value}"

    # -- Writing ---------------------------------------------------------------------------------------

    def taken(self, rows):
        known = Figure.objects.filter(
            as_of__in={row.after["as_of"] for row in rows}, indicator__in={row.after["indicator"] for row in rows}
        )
        there, official = set(), set()
        for figure in known.only("indicator", "territory", "group", "as_of", "source", "is_official"):
            place = (figure.indicator_id, figure.territory_id, figure.group, figure.as_of)
            there.add((*place, figure.source_id))
            if figure.is_official:
                official.add(place)
        found = set()
        for row in rows:
            after = row.after
            day_ = date.fromisoformat(after["as_of"])
            place = (after["indicator"], after["territory"], after.get("group") or "", day_)
            if (*place, after.get("source")) in there or (after.get("is_official") and place in official):
                found.add(row.pk)
        return found

    def begin(self, values, parts):
        record = Figure(is_demo=self.is_demo)
        self.write(record, values)
        if told := parts.get("source"):
            record.source_id = self._source(told).pk
        return record

    def _source(self, told):
        """The new source of a figure, written with the first figure that names it."""
        if told["key"] not in self.by_key:
            published_on = date.fromisoformat(told["published_on"]) if told["published_on"] else None
            source: Any = Source(
                **told | {"published_on": published_on, "url": told["url"] or ""},
                date_precision=Precision.DAY if published_on else "",
                is_demo=self.is_demo,
            )
            source._history_user, source._change_reason = self.user, self.reason[:100]
            source.save()
            self.by_key[source.key] = source
        return self.by_key[told["key"]]

    def remove(self, records):
        """The figures, and those sources that came with them and that nothing names any more."""
        removed = super().remove(records)
        sources = {record.source_id for record in records}
        brought = history_of(Source).filter(id__in=sources, history_type="+", history_user__isnull=False)
        # What the batch wrote bears its reason, which the reason of taking it back begins with.
        reasons = {row.id: row.history_change_reason or "" for row in brought}
        orphans = Source.objects.filter(pk__in=sources, figures=None)
        theirs = [
            source for source in orphans if reasons.get(source.pk) and self.reason.startswith(reasons[source.pk][:60])
        ]
        delete_with_history(theirs, by=self.user, reason=self.reason)
        return removed

    def finish(self):
        DataVersion.bump("figures")


def _spellings(territory):
    own = (territory.name, territory.key)
    return own if territory.regency is None else (*own, *territory.regency.spellings())
