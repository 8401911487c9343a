"""Published figures from a spreadsheet, each with its source; a source that is not known yet comes along."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.core.validators import URLValidator, slug_re
from django.db.models import Count
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.utils import bulk_create_with_history

from common.history import delete_with_history
from common.models import DataVersion, pointed_at
from common.text import clean_lines, fold
from figures.columns import FIGURES
from figures.models import Figure, Indicator, Precision, Source
from figures.problems import not_yet, of_a_report, reserved
from imports.cells import blank_if_dash, day, flag, shown, signed_rupiah, text
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


def lines(cell):
    """A text of several lines."""
    return clean_lines(shown(cell))


def _field(name, synonyms, parse, *, label=None, **options):
    return Field(name, LABELS[label or name], synonyms, parse and blank_if_dash(parse), **options)


FIELDS = (
    _field("indicator", ("nama indikator",), None, label="indicator_label", required=True, once=True),
    _field(
        "territory", ("wilayah", "kabupaten kota", "kab kota"), None, label="territory_label", required=True, once=True
    ),
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
    _field("note", ("keterangan",), lines),
)
# What a row says of its source, and as which attribute of the source.
OF_SOURCE = {
    "source": "key",
    "source_title": "title",
    "publisher": "publisher",
    "published_on": "published_on",
    "source_url": "url",
}


@dataclass(frozen=True)
class Named:
    """A source as rows name it: one of the database, or one that came with an earlier row of the file."""

    key: str
    title: str
    publisher: str
    published_on: str | None
    url: str
    pk: int | None = None
    is_of_report: bool = False

    @classmethod
    def of(cls, source):
        published_on = source.published_on.isoformat() if source.published_on else None
        said = (source.key, source.title, source.publisher, published_on, source.url)
        return cls(*said, source.pk, source.is_of_report)

    @property
    def told(self):
        """What a row keeps of a source that is not there yet."""
        return {name: getattr(self, name) for name in OF_SOURCE.values()}

    def is_said_by(self, name, value):
        """Whether what a row says is what is known."""
        held = getattr(self, name)
        if name == "url" and held.startswith("/"):
            # A page of this portal: exports name it in full.
            return value == held or urlsplit(value).path == held
        return fold(value) == fold(held) if name in {"title", "publisher"} else value == held


@register
class FigureImporter(Importer):
    """What somebody published. What a file says of a source that is known already must agree and changes nothing."""

    kind = "angka"
    label = _("published figures")
    model = Figure
    permission = "figures.add_figure"
    position = 40
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
        self.by_key: dict = {}
        self.by_code: dict = {}
        self.by_title: dict = defaultdict(list)
        self.of_reports = set()
        for source in Source.objects.all():
            self._know(Named.of(source))
            if source.is_of_report:
                self.of_reports.add(source.pk)
        self.may_choose = self.user.has_perm("figures.mark_official")
        self.is_demo = DataVersion.demo_is_in()
        self.chosen_before: set = set()

    def _know(self, source):
        self.by_key[source.key] = self.by_code[source.key.casefold()] = source
        self.by_title[fold(source.title), fold(source.publisher)].append(source)

    def _with_code(self, code):
        return self.by_key.get(code) or self.by_code.get(code.casefold())

    # -- Before ----------------------------------------------------------------------------------------

    def find(self, entries):
        for entry in entries:
            self._settle_source(entry)
        days = {entry.values.get("as_of") for entry in entries} - {None}
        indicators = {entry.values.get("indicator") for entry in entries} - {None}
        known = Figure.objects.filter(as_of__in=days, indicator__in=indicators)
        found, self.official = {}, {}
        for figure in known:
            found[(*_place(figure), figure.source_id)] = figure
            if figure.is_official:
                self.official[_place(figure)] = figure
        for entry in entries:
            values = entry.values
            entry.place = tuple(values.get(name) or "" for name in ("indicator", "territory", "group", "as_of"))
            source = values.get("source") or entry.parts.get("source", {}).get("key")
            if "" not in (entry.place[0], entry.place[1], entry.place[3]) and source:
                entry.key = (*entry.place, source)
                entry.record = found.get(entry.key)

    def _settle_source(self, entry):
        """Which source a row names: a known one, with which it must agree, or a new one, which later rows may name."""
        said = {name: value for name in OF_SOURCE if (value := entry.values.pop(name, None))}
        if entry.unread & OF_SOURCE.keys():
            return
        if said.get("published_on") and (why := not_yet(date.fromisoformat(said["published_on"]))):
            entry.refuse(why, field="published_on")
        source = self._known(said)
        if source is None and (source := self._new_source(entry, said)) is None:
            return
        for name, value in said.items():
            if name != "source" and not source.is_said_by(OF_SOURCE[name], value):
                if name == "source_title":
                    words = gettext("This code belongs to the source “%(title)s”. Give another code.")
                else:
                    words = gettext("Of the source “%(title)s” something else is known here: %(held)s. Correct it.")
                held = getattr(source, OF_SOURCE[name]) or gettext("not filled in")
                entry.refuse(words % {"title": source.title, "held": held}, field=name)
        if source.pk:
            entry.values["source"] = source.pk
        else:
            entry.parts = {"source": source.told}

    def _known(self, said):
        if code := said.get("source"):
            return self._with_code(_code(code))
        alike = self.by_title[fold(said.get("source_title", "")), fold(said.get("publisher", ""))]
        return alike[0] if len(alike) == 1 else None

    def _new_source(self, entry, said):
        code, title, publisher = (said.get(name, "") for name in ("source", "source_title", "publisher"))
        made = _code(code or title)
        if not title or not publisher:
            words = gettext("Which source? Give the code of a known one, or title and publisher of a new one.")
            entry.refuse(words, field="source" if code else "source_title")
        elif why := reserved(made):
            entry.refuse(why, field="source")
        elif not made or self._with_code(made) or (not code and self.by_title[fold(title), fold(publisher)]):
            entry.refuse(gettext("This source needs a code of its own, of letters and digits."), field="source")
        else:
            source = Named(made, title, publisher, said.get("published_on"), said.get("source_url", ""))
            self._know(source)
            return source
        return None

    def check(self, entry):
        now = {name: entry.after.get(name, getattr(entry.record, name, None)) for name in ("quality", "is_official")}
        indicator = self.indicators.get(entry.values.get("indicator"))
        value, begin, end = entry.after.get("value"), entry.values.get("period_start"), entry.values.get("as_of")
        if indicator and value is not None and value < 0 and indicator.measure == Indicator.Measure.COUNT:
            entry.refuse(gettext("This number cannot be below zero."), field="value")
        if end and (why := not_yet(date.fromisoformat(end))):
            entry.refuse(why, field="as_of")
        if begin and end and begin > end:
            entry.refuse(gettext("A period must begin before the date that it ends on."), field="period_start")
        if entry.after and entry.values.get("source") in self.of_reports:
            # A row that says what stands there changes nothing: what was exported can be imported again.
            entry.refuse(of_a_report(), field="source")
            return
        chosen_or_judged = entry.after.keys() & {"is_official", "quality"}
        if chosen_or_judged and now["is_official"] and now["quality"] == Figure.Quality.CONFLICTING:
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
        """Those whose figure has come meanwhile, or what it names has gone or become another."""
        there, official = set(), set()
        for figure in self._like(row.after for row in rows):
            there.add((*_place(figure), figure.source_id))
            if figure.is_official:
                official.add(_place(figure))
        return {row.pk for row in rows if self._is_taken(row, there, official)}

    def _is_taken(self, row, there, official):
        after = row.after
        told = row.parts.get("source")
        source = self._with_code(told["key"]) if told else None
        if source is not None and source.told != told:
            return True
        place = (after["indicator"], after["territory"], after.get("group") or "", after["as_of"])
        return (
            (*place, source.pk if source else after.get("source")) in there
            or (after.get("is_official") and (place in official or not self.may_choose))
            or after["indicator"] not in self.indicators
            or (not told and after["source"] not in {known.pk for known in self.by_key.values()})
        )

    def barred(self, rows, *, undo=False):
        """Those that would become a second figure of the office, that this person may not choose, or of a report."""
        keys = [row.found for row in rows]
        said = set(Figure.objects.filter(pk__in=keys, source__is_of_report=True).values_list("pk", flat=True))
        return {row.pk for row in rows if row.found in said} | self._not_to_choose(rows, undo)

    def _not_to_choose(self, rows, undo):
        if not self.may_choose:
            return {row.pk for row in rows if row.before.get("is_official") or row.after.get("is_official")}
        chosen = {row.found: row.pk for row in rows if (row.before if undo else row.after).get("is_official")}
        if not chosen:
            return set()
        places = {_place(figure): figure.pk for figure in Figure.objects.filter(pk__in=chosen)}
        others = self._like({"indicator": place[0], "as_of": place[3]} for place in places)
        taken = {_place(figure) for figure in others if figure.is_official and figure.pk not in chosen}
        return {chosen[pk] for place, pk in places.items() if place in taken}

    @staticmethod
    def _like(values):
        """The figures of the same indicators and days as these values."""
        values = list(values)
        days, indicators = ({one[name] for one in values} for name in ("as_of", "indicator"))
        known = Figure.objects.filter(as_of__in=days, indicator__in=indicators)
        return known.only("indicator", "territory", "group", "as_of", "source", "is_official")

    def begin(self, values, parts):
        record: Any = Figure(is_demo=self.is_demo)
        record.told = parts.get("source")
        self.write(record, values)
        return record

    def complete(self, records):
        """The new sources are written before the first figures that name them."""
        told = {record.told["key"]: record.told for record in records if record.told}
        made = [self._source(one) for key, one in told.items() if not self._with_code(key)]
        bulk_create_with_history(made, Source, default_user=self.user, default_change_reason=self.reason[:100])
        for source in made:
            self._know(Named.of(source))
        for record in records:
            if record.told:
                record.source_id = self._with_code(record.told["key"]).pk

    def _source(self, told):
        published_on = date.fromisoformat(told["published_on"]) if told["published_on"] else None
        precision = Precision.DAY if published_on else ""
        return Source(**told | {"published_on": published_on}, date_precision=precision, is_demo=self.is_demo)

    def remove(self, records):
        """The figures, and those sources that came with them, that nobody edited and that nothing names any more."""
        removed = super().remove(records)
        brought = self._brought(Figure, "source_id", [record.pk for record in records])
        sources = {record.source_id for record in records}
        theirs = {pk for pk, _reason in brought & self._brought(Source, "id", sources)}
        orphans = Source.objects.filter(pk__in=theirs - pointed_at(Source, theirs), version=1)
        delete_with_history(list(orphans), by=self.user, reason=self.reason)
        return removed

    @staticmethod
    def _brought(model, name, keys):
        """`{(key, reason)}` of how records came into the database."""
        return set(model.history.filter(id__in=keys, history_type="+").values_list(name, "history_change_reason"))

    def finish(self):
        DataVersion.bump("figures")


def _code(words):
    """The code of a source as it was given, or made of what was given."""
    return words if slug_re.match(words) else slugify(words)[:60].strip("-")


def _place(figure):
    """What a figure speaks of, as a row says it."""
    return (figure.indicator_id, figure.territory_id, figure.group, figure.as_of.isoformat())


def _spellings(territory):
    own = (territory.name, territory.key)
    return own if territory.regency is None else (*own, *territory.regency.spellings())
