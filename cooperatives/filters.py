"""The register's filters: one FilterSet for the page, the API and the export, so that they cannot disagree.

Addresses are Indonesian and hold the whole state. A facet takes several values; `kosong` among them means
"not filled in". `per` asks for a day: status and regency as they were then, as known now.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, Value
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from common.dates import today
from cooperatives import spelling
from cooperatives.models import (
    AnnualReturn,
    Cooperative,
    Form,
    Group,
    Kind,
    Sector,
    Status,
    StatusPeriod,
    counting_year_on,
)
from regions.models import Regency

EMPTY = "kosong"
YES, NO = "ya", "bukan"
PROVINCE, MINISTRY = "provinsi", "kementerian"
LONGEST_TEXT = 200
FIRST_YEAR, LAST_YEAR = 1900, 2100


# Sixteen digits, however they are parted: the shape of a citizen's NIK and of a family card's number.
_SIXTEEN_DIGITS = re.compile(r"(?<![0-9])[0-9](?:[\s.-]?[0-9]){15}(?![0-9])")


def holds_citizen_number(text):
    """Whether a search holds a number that is protected: it is never looked up, repeated, logged or put in a link."""
    return bool(_SIXTEEN_DIGITS.search(text))


def refuse_citizen_number(text):
    if holds_citizen_number(text):
        raise ValidationError(
            _("Sixteen digits are a citizen's number (NIK KTP or family card). A Nomor Induk Koperasi has 13."),
            code="citizen_number",
        )


def refuse_wordless(text):
    if not spelling.words(text):
        raise ValidationError(_("The search text holds no letter and no digit."), code="wordless")


@dataclass(frozen=True)
class Facet:
    """One group of tick boxes: its name in the address, its column, and how that column says "not filled in"."""

    param: str
    column: str
    label: str
    empty: str | None = None

    def database_value(self, value):
        """What stands in the column for a value of the address."""
        if value == EMPTY:
            return self.empty
        if self.param == "merah_putih":
            return value == YES
        return int(value) if self.empty is None else value


WILAYAH = Facet("wilayah", "regency", _("Regency"))
STATUS = Facet("status", "status", _("Status"), "")
KELOMPOK = Facet("kelompok", "group", _("Group"))
GRADE = Facet("grade", "grade", _("Grade"), "")
MERAH_PUTIH = Facet("merah_putih", "is_merah_putih", _("Merah Putih"))
BENTUK = Facet("bentuk", "form", _("Form"))
JENIS = Facet("jenis", "kind", _("Kind"))
SEKTOR = Facet("sektor", "sector", _("Sector"))

# In the order of the page.
FACETS = (WILAYAH, STATUS, KELOMPOK, GRADE, MERAH_PUTIH, BENTUK, JENIS, SEKTOR)
VOCABULARIES = {"kelompok": Group, "jenis": Kind, "bentuk": Form, "sektor": Sector}


class AnySelectionField(forms.MultipleChoiceField):
    default_error_messages = {"invalid_choice": _("“%(value)s” is not among the values of this filter.")}


class Selection(django_filters.MultipleChoiceFilter):
    """Several values of one facet. The FilterSet applies it, and puts in the choices that the database holds."""

    field_class = AnySelectionField


class YearField(forms.CharField):
    """A year of four digits, as it stands in an address."""

    default_error_messages = {"invalid": _("A year has four digits, for example 2024.")}

    def to_python(self, value):
        value = super().to_python(value)
        if value in self.empty_values:
            return None
        if not (len(value) == 4 and value.isascii() and value.isdigit() and FIRST_YEAR <= int(value) <= LAST_YEAR):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return int(value)


class DayField(forms.CharField):
    """A day as ISO writes it: an address is made by a page, not typed as people write dates."""

    default_error_messages = {
        "invalid": _("A date in an address reads year-month-day, for example 2012-12-31."),
        "future": _("This date lies in the future: nothing is known about it yet."),
    }

    def to_python(self, value):
        value = super().to_python(value)
        if value in self.empty_values:
            return None
        try:
            day = parse_date(value) if len(value) == 10 and value.isascii() else None
        except ValueError:
            day = None
        if day is None or day.year < FIRST_YEAR:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        if day > today():
            raise ValidationError(self.error_messages["future"], code="future")
        return day


class Year(django_filters.NumberFilter):
    field_class = YearField


class Day(django_filters.DateFilter):
    field_class = DayField


# Name in the address -> (column of the return, answer asked for; None: no answer on record).
ANSWERS = {
    "rat": ("rat_held", True),
    "rat_tidak": ("rat_held", False),
    "rat_kosong": ("rat_held", None),
    "audit": ("audited", True),
    "audit_tidak": ("audited", False),
    "audit_kosong": ("audited", None),
}
# Name in the address -> statuses that began in the year, and those that they may have followed.
_ASLEEP = (Status.INACTIVE, Status.FROZEN)
BECAME = {
    "diaktifkan": Q(status=Status.ACTIVE, was__in=_ASLEEP),
    # From inactive to frozen or back moves no share.
    "dinonaktifkan": Q(status__in=_ASLEEP, was=Status.ACTIVE),
    "dibubarkan": Q(status__in=(Status.DISSOLVED, Status.MERGED)),
}
YEARS = ("berdiri", *ANSWERS, *BECAME)
# How many of the three book years that count have a RAT: those with two or three are graded A or B.
RATS = {"0": (0,), "1": (1,), "2": (2,), "3": (3,), "2-3": (2, 3)}
RATS_WORDS = [
    ("0", _("no RAT")),
    ("1", _("one RAT")),
    ("2", _("two RATs")),
    ("3", _("three RATs")),
    ("2-3", _("two or three RATs (grade A or B)")),
]


class CooperativeFilter(django_filters.FilterSet):
    """What may be asked of the register. Every parameter may be missing; one that is not understood is left out
    of the answer and named in `errors`."""

    q = django_filters.CharFilter(
        label=_("Name, former name, number or village"),
        max_length=LONGEST_TEXT,
        validators=[refuse_citizen_number, refuse_wordless],
        error_messages={
            "max_length": _("The search text has %(show_value)d characters; at most %(limit_value)d are read.")
        },
    )
    wilayah = Selection(field_name="regency__slug", label=WILAYAH.label, choices=list)
    status = Selection(
        field_name="status", label=STATUS.label, choices=[*Status.choices, (EMPTY, _("(not filled in)"))]
    )
    kelompok = Selection(field_name="group__name", label=KELOMPOK.label, choices=list)
    grade = Selection(
        field_name="grade", label=GRADE.label, choices=[*Cooperative.Grade.choices, (EMPTY, _("(not filled in)"))]
    )
    merah_putih = Selection(label=MERAH_PUTIH.label, choices=[(YES, _("Yes")), (NO, _("No"))])
    bentuk = Selection(field_name="form__name", label=BENTUK.label, choices=list)
    jenis = Selection(field_name="kind__name", label=JENIS.label, choices=list)
    sektor = Selection(field_name="sector__name", label=SEKTOR.label, choices=list)
    per = Day(label=_("As of"), help_text=_("Status and regency as they were on this day (YYYY-MM-DD), as known now."))
    kantor = django_filters.ChoiceFilter(
        field_name="regency__slug",
        label=_("Responsible office"),
        choices=list,
        help_text=_("A regency, “provinsi”, “kementerian”, or “kosong”: who is responsible follows the form."),
        error_messages={"invalid_choice": _("“%(value)s” is not among the values of this filter.")},
    )
    berdiri = Year(field_name="latest_return_year", label=_("Founded in"))
    rat = Year(field_name="latest_rat_year", label=_("RAT held for book year"))
    rat_tidak = Year(field_name="latest_rat_year", label=_("RAT not held for book year"))
    rat_kosong = Year(field_name="latest_rat_year", label=_("RAT not known for book year"))
    audit = Year(field_name="latest_return_year", label=_("Audited for book year"))
    audit_tidak = Year(field_name="latest_return_year", label=_("Not audited for book year"))
    audit_kosong = Year(field_name="latest_return_year", label=_("Audit not known for book year"))
    diaktifkan = Year(field_name="status_since", label=_("Became active in"))
    dinonaktifkan = Year(field_name="status_since", label=_("Became inactive or frozen in"))
    dibubarkan = Year(field_name="status_since", label=_("Dissolved or merged in"))
    rat_tiga_tahun = django_filters.ChoiceFilter(
        field_name="grade",
        label=_("RATs in the three book years that count"),
        choices=RATS_WORDS,
        error_messages={"invalid_choice": _("“%(value)s” is not among the values of this filter.")},
    )

    class Meta:
        model = Cooperative
        fields = []

    def __init__(self, data=None, *args, **kwargs):
        # Bound even when nothing was asked for: the voided records are never part of the answer.
        super().__init__({} if data is None else data, *args, **kwargs)
        for facet in FACETS:
            self.filters[facet.param].extra["choices"] = list(self.labels[facet.param].items())
        self.filters["kantor"].extra["choices"] = list(self.labels["kantor"].items())

    # -- What the values are called ----------------------------------------------------------------

    @cached_property
    def regencies(self):
        """Every regency by its id: one query for labels, for values of the address and for their past."""
        return {regency.pk: regency for regency in Regency.objects.defer("boundary", "note")}

    @cached_property
    def labels(self):
        """`{parameter: {value: label}}` of all that can be ticked, in two queries."""
        empty = {EMPTY: _("(not filled in)")}
        places = {regency.slug: regency.name for regency in self.regencies.values()}
        labels = {
            "wilayah": places | empty,
            "status": dict(Status.choices) | empty,
            "grade": dict(Cooperative.Grade.choices) | empty,
            "merah_putih": {YES: _("Yes"), NO: _("No")},
            "rat_tiga_tahun": dict(RATS_WORDS),
            "kantor": places | {PROVINCE: _("Province"), MINISTRY: _("Ministry (across provinces)")} | empty,
        }
        first, *others = (
            model.objects.order_by().values_list(Value(param), "pk", "name", "position")
            for param, model in VOCABULARIES.items()
        )
        rows = first.union(*others, all=True).order_by("position", "name")
        for param in VOCABULARIES:
            labels[param] = {str(pk): name for key, pk, name, _position in rows if key == param} | empty
        return labels

    # -- What was asked for ------------------------------------------------------------------------

    @cached_property
    def asked(self):
        """`{parameter: value}` of all that was understood and not left empty. What was not understood is left out."""
        self.errors  # noqa: B018  Reading the errors is what makes the form clean its data.
        return {name: value for name, value in self.form.cleaned_data.items() if value not in (None, "", [])}

    @property
    def date(self):
        """The day that was asked for, or None for today's register."""
        return self.asked.get("per")

    @cached_property
    def regency_then(self):
        """`{id: Regency}`: the regency of each of today's on the day asked for, the mother before a split."""
        if self.date is None:
            return self.regencies
        return {
            pk: regency
            if regency.was_part_on(self.date) or regency.split_from_id is None
            else self.regencies[regency.split_from_id]
            for pk, regency in self.regencies.items()
        }

    @cached_property
    def selected(self):
        """`{facet: condition}` of the facets in which something is ticked."""
        return {facet: self.ticked(facet) for facet in FACETS if facet.param in self.asked}

    @property
    def asks_more_than_facets(self):
        """Whether anything but ticks narrows the list: a text, a day, an office, a year."""
        facets = {facet.param for facet in FACETS}
        return any(name not in facets for name in self.asked)

    # -- Rows --------------------------------------------------------------------------------------

    def column(self, facet):
        """The column that a facet counts: under a date the status is that day's."""
        if facet is STATUS and self.date:
            return "status_on"
        return f"{facet.column}_id" if facet.empty is None and facet is not MERAH_PUTIH else facet.column

    def unticked(self, queryset):
        """The rows that everything but the ticks leaves."""
        queryset = queryset.in_register() if self.date is None else queryset.on(self.date)
        if "q" in self.asked:
            queryset = queryset.matching(self.asked["q"])
        conditions = [self._answered(name, self.asked[name]) for name in ANSWERS if name in self.asked]
        if "kantor" in self.asked:
            conditions.append(self._under(self.asked["kantor"]))
        if "berdiri" in self.asked:
            year = self.asked["berdiri"]
            until = min(date(year, 12, 31), self.date or date(year, 12, 31))
            days = (date(year, 1, 1), until)
            conditions.append(Q(founded_on__range=days) | Q(founded_on=None, legal_on__range=days))
        conditions += [self._became(name, self.asked[name]) for name in BECAME if name in self.asked]
        queryset = queryset.filter(*conditions)
        if "rat_tiga_tahun" in self.asked:
            queryset = queryset.with_rats(RATS[self.asked["rat_tiga_tahun"]], counting_year_on(self.date or today()))
        return queryset

    def filter_queryset(self, queryset):
        return self.unticked(queryset).filter(*self.selected.values())

    def ticked(self, facet, column=None):
        """The condition that the ticks of one facet set, on its own column or on another expression for it."""
        values = self.asked[facet.param]
        if facet is WILAYAH:
            return self._located(values)
        column = column or self.column(facet)
        wanted = [facet.database_value(value) for value in values]
        condition = Q(**{f"{column}__in": [value for value in wanted if value is not None]})
        return condition | Q(**{column: None}) if None in wanted else condition

    def _located(self, slugs):
        """Those whose seat lay in one of the regencies on the day asked for."""
        located = [pk for pk, regency in self.regency_then.items() if regency.slug in slugs]
        # No regency has the id 0. An empty list would make Django refuse to write the SQL, which facets need.
        condition = Q(regency_id__in=located or [0])
        return condition | Q(regency_id=None) if EMPTY in slugs else condition

    def _under(self, office):
        """Those an office is responsible for, as the recap counts them."""
        if office in (PROVINCE, MINISTRY):
            level = Form.Level.PROVINCE if office == PROVINCE else Form.Level.MINISTRY
            return Q(form__responsible_level=level)
        of_a_regency = Q(form=None) | Q(form__responsible_level=Form.Level.REGENCY)
        if office != EMPTY:
            return of_a_regency & self._located([office])
        day = self.date or today()
        gone = [pk for pk, regency in self.regency_then.items() if not regency.was_part_on(day)]
        return of_a_regency & (Q(regency_id=None) | Q(regency_id__in=gone))

    def _became(self, name, year):
        changed = StatusPeriod.objects.changes().filter(BECAME[name], since__year=year)
        if self.date:
            changed = changed.filter(since__lte=self.date)
        return Q(pk__in=changed.values("cooperative_id"))

    @staticmethod
    def _answered(name, year):
        column, answer = ANSWERS[name]
        returns = AnnualReturn.objects.filter(book_year=year).order_by().values("cooperative_id")
        if answer is None:
            return ~Q(pk__in=returns.exclude(**{column: None}))
        return Q(pk__in=returns.filter(**{column: answer}))
