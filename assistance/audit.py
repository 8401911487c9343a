"""What an auditor asks of aid: a table of checks, each a queryset whose rows are wrong or missing something.

A check's page, its count and its file share one queryset and one list of columns, so they cannot disagree. Every
condition is one query over all packages; nothing is asked row by row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat, Substr
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assistance.earlier import NOT_GIVEN
from assistance.models import (
    Finding,
    Handover,
    Holding,
    PackageDocument,
    PackageStep,
    Recipient,
    State,
    Unit,
    VisitPhoto,
)
from assistance.stages import NEEDS, WAY, Paper, Stage
from common.columns import Column, Kind
from common.dates import today
from regions.models import Regency

SEPARATOR = "; "


class DaysBetween(Func):
    """Whole days from one day to another, on both databases."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()

    def as_sqlite(self, compiler, connection, **extra):
        late, early = self.source_expressions
        one, values = compiler.compile(Func(late, function="julianday"))
        other, more = compiler.compile(Func(early, function="julianday"))
        return f"CAST({one} - {other} AS INTEGER)", (*values, *more)


@dataclass(frozen=True)
class Check:
    """One list: what its rows lack, which they are, what is shown of them.

    `rows(packages)` are the rows of packages that the reader may see; `package` is the path from a row to its package,
    by which regency and year narrow the list. Where a row is a sum, `rows` is given packages that are narrowed already
    and `package` is None.
    """

    key: str
    label: Any
    about: Any
    rows: Callable[[QuerySet], QuerySet]
    columns: tuple[Column, ...]
    order: tuple[str, ...] = ("pk",)
    package: str | None = ""

    def of(self, packages, narrow):
        """The rows of packages, narrowed by `narrow`, a `{lookup of a package: value}`."""
        if self.package is None:
            return self.rows(packages.filter(**narrow))
        return self.rows(packages).filter(**{f"{self.package}{name}": value for name, value in narrow.items()})


# Columns ---------------------------------------------------------------------------------------------


def _record(pk):
    return reverse("aid_record", args=[pk])


def _of_package(prefix=""):
    """What stands in every list of packages, or of what belongs to them."""
    return (
        Column("package", _("aid package"), Kind.COUNT, f"{prefix}pk" if prefix else "pk"),
        Column("kind", _("aid kind"), Kind.TEXT, f"{prefix}kind__name"),
        Column("recipient", _("recipient"), Kind.TEXT, f"{prefix}recipient__name"),
        Column("regency", _("regency"), Kind.TEXT, f"{prefix}regency__name"),
        Column("year", _("fiscal year"), Kind.COUNT, f"{prefix}programme__fiscal_year"),
        Column("stage", _("stage"), Kind.TEXT, f"{prefix}stage", choices=tuple(Stage.choices)),
        Column("historical", _("historical data"), Kind.FLAG, f"{prefix}is_historical"),
    )


def _link(prefix=""):
    return Column("record", _("record"), Kind.LINK, f"{prefix}pk" if prefix else "pk", link=_record)


# Missing papers --------------------------------------------------------------------------------------

# Whoever left the way had come at least so far.
_LEFT_AT = {Stage.REFUSED: Stage.PROPOSED, Stage.CANCELLED: Stage.PROPOSED, Stage.WITHDRAWN: Stage.HANDED_OVER}


def _reached(stage):
    """The stages of packages that have this stage behind them."""
    at = WAY.index(stage)
    return {*WAY[at:], *(left for left, least in _LEFT_AT.items() if WAY.index(least) >= at)}


def _required():
    """`[(paper, condition)]`: whose packages need the paper by now. As `AidKind.papers` and `without` have it."""
    has = {
        Stage.PROCURED: Q(kind__has_procurement=True),
        Stage.USE_REPORTED: Q(kind__has_use_report=True),
        Stage.MONITORED: ~Q(kind__visit_months__in=["", "0"]),
    }
    only = {
        Paper.NPHD: Q(kind__has_grant_agreement=True),
        Paper.INTEGRITY_PACT: Q(kind__has_integrity_pact=True) & ~Q(recipient_kind="government"),
    }
    for stage in WAY:
        for paper in NEEDS[stage].papers:
            yield paper, Q(stage__in=_reached(stage)) & has.get(stage, Q()) & only.get(paper, Q())
    for stage in _LEFT_AT:
        yield NEEDS[stage].papers[0], Q(stage=stage)


def _missing_papers(packages):
    needed: dict = {}
    for paper, condition in _required():
        needed[paper] = needed[paper] | condition if paper in needed else condition
    lacks, words = Q(pk=None), []
    for paper, condition in needed.items():
        lack = condition & ~Q(pk__in=PackageDocument.objects.filter(document__paper=paper).order_by().values("package"))
        if paper == Paper.BAST:
            # A handover has its own, one for each part.
            lack &= ~Q(pk__in=Handover.objects.filter(state=Handover.State.CONFIRMED).order_by().values("package"))
        lacks |= lack
        words.append(Case(When(lack, then=Value(f"{SEPARATOR}{Paper(paper).label}")), default=Value("")))
    missing = Substr(Concat(*words, output_field=CharField()), len(SEPARATOR) + 1)
    return packages.filter(lacks).annotate(missing=missing)


# Use reports -----------------------------------------------------------------------------------------


def _late(path="use_report_due_on"):
    return DaysBetween(Value(today()), F(path))


def _overdue(packages):
    return packages.owing_report().annotate(days=_late())


def _overdue_sums(model, path):
    """The recipients or regencies of packages whose report is overdue, with count, value and the longest delay."""

    def rows(packages):
        owing = packages.owing_report().exclude(**{path: None}).order_by().values(path)
        value = Coalesce("realised_amount", "contracted_amount", "planned_amount")
        of_each = owing.filter(**{path: OuterRef("pk")})
        return (
            model.objects.filter(pk__in=owing)
            .annotate(
                packages_owing=Subquery(of_each.annotate(value=Count("pk")).values("value")),
                days=Subquery(of_each.annotate(value=Max(_late())).values("value")),
                amount=Subquery(of_each.annotate(value=Sum(value)).values("value")),
            )
            .order_by("pk")
        )

    return rows


_SUMS = (
    Column("packages_owing", _("aid packages"), Kind.COUNT),
    Column("days", _("longest overdue (days)"), Kind.COUNT),
    Column("amount", _("value (Rp)"), Kind.COUNT),
)


# Whom, where, when -----------------------------------------------------------------------------------


def _doubles(packages):
    """Packages whose recipient, cooperative, person, group or address has several; governments rightly have many."""
    given = packages.exclude(stage__in=NOT_GIVEN).exclude(recipient_kind="government").exclude(recipient=None)
    same = {
        "recipient": gettext("the same recipient"),
        "recipient__cooperative": gettext("the same recipient"),
        "recipient__nik_ktp": gettext("the same person"),
        "recipient__group_key": gettext("the same group"),
        "recipient__address_key": gettext("the same address"),
    }
    found, why = Q(pk=None), []
    for path, words in same.items():
        known = given.exclude(**{path: None if path in {"recipient", "recipient__cooperative"} else ""})
        often = known.order_by().values(path).annotate(often=Count("pk")).filter(often__gt=1).values(path)
        condition = Q(**{f"{path}__in": often})
        found |= condition
        why.append(When(condition, then=Value(words)))
    return given.filter(found).annotate(why=Case(*why, default=Value(""), output_field=CharField()))


def _never_seen(packages):
    return (
        Unit.objects.held()
        .filter(package__in=packages, last_seen_on=None)
        .annotate(days=DaysBetween(Value(today()), F("handed_on")))
    )


def _other_holders(packages):
    """What was withdrawn is rightly with the office."""
    held = Holding.objects.filter(until=None, unit__package__in=packages, unit__is_delivered=True)
    return held.exclude(holder=Holding.Holder.RECIPIENT).exclude(unit__state=State.WITHDRAWN)


def _mismatches(packages):
    return PackageDocument.differing().filter(package__in=packages)


# The place in the way of each paper that comes once; letters, findings and reports of monitoring come at any time.
_PLACE = {paper: WAY.index(stage) for stage in WAY[: WAY.index(Stage.MONITORED)] for paper in NEEDS[stage].papers}


def _place_of(path, places):
    return Case(*(When(**{path: key}, then=Value(place)) for key, place in places.items()), output_field=IntegerField())


def _out_of_order(packages):
    """Papers dated after their own step or a later one, before a step that comes first, or after a later paper.

    The portal refuses such a step; old aid and papers that were filed later bring them in.
    """
    step_place = _place_of("to", {stage: WAY.index(stage) for stage in WAY})
    steps = PackageStep.objects.filter(package=OuterRef("package"), to__in=WAY).annotate(at=step_place)
    papers = PackageDocument.objects.filter(package=OuterRef("package"), document__paper__in=_PLACE).annotate(
        at=_place_of("document__paper", _PLACE)
    )
    day = OuterRef("document__dated_on")
    why = (
        (
            Exists(steps.filter(at__gte=OuterRef("at"), dated_on__lt=day)),
            gettext("dated after its own or a later step"),
        ),
        (Exists(steps.filter(at__lt=OuterRef("at"), dated_on__gt=day)), gettext("dated before an earlier step")),
        (
            Exists(papers.filter(at__gt=OuterRef("at"), document__dated_on__lt=day)),
            gettext("dated after a paper that follows it"),
        ),
    )
    found = PackageDocument.objects.filter(
        package__in=packages, document__paper__in=_PLACE, document__dated_on__isnull=False
    ).annotate(at=_place_of("document__paper", _PLACE))
    condition = Q(pk=None)
    for one, _words in why:
        condition |= Q(one)
    cases = [When(one, then=Value(words)) for one, words in why]
    return found.filter(condition).annotate(why=Case(*cases, default=Value(""), output_field=CharField()))


def _findings(packages):
    return (
        Finding.objects.overdue().filter(package__in=packages).annotate(days=DaysBetween(Value(today()), F("due_on")))
    )


def _odd_photos(packages):
    return VisitPhoto.objects.odd().filter(visit__package__in=packages)


_PAPER = Column("paper", _("document"), Kind.TEXT, "document__paper", choices=tuple(Paper.choices))
_NUMBER = Column("number", _("number"), Kind.TEXT, "document__number")
_DATED = Column("dated_on", _("date"), Kind.DATE, "document__dated_on")

CHECKS = {
    check.key: check
    for check in (
        Check(
            "berkas",
            _("Missing papers"),
            _("Documents that a stage needs which was reached, and that are not there. Historical data are marked."),
            _missing_papers,
            (_link(), *_of_package(), Column("missing", _("missing papers"), Kind.TEXT)),
        ),
        Check(
            "lpj",
            _("Overdue use reports (LPJ)"),
            _("Handed over, not reported, and past the day by which it was due."),
            _overdue,
            (
                _link(),
                *_of_package(),
                Column("due_on", _("use report due on"), Kind.DATE, "use_report_due_on"),
                Column("days", _("days overdue"), Kind.COUNT),
            ),
            order=("use_report_due_on", "pk"),
        ),
        Check(
            "lpj-penerima",
            _("Overdue use reports by recipient"),
            _("Sums over the packages of one recipient."),
            _overdue_sums(Recipient, "recipient"),
            (
                Column("recipient", _("recipient"), Kind.TEXT, "name"),
                Column("regency", _("regency"), Kind.TEXT, "regency__name"),
                *_SUMS,
            ),
            order=("-days", "pk"),
            package=None,
        ),
        Check(
            "lpj-wilayah",
            _("Overdue use reports by regency"),
            _("Sums over the packages of one regency."),
            _overdue_sums(Regency, "regency"),
            (Column("regency", _("regency"), Kind.TEXT, "name"), *_SUMS),
            order=("-days", "pk"),
            package=None,
        ),
        Check(
            "beda",
            _("Mismatches"),
            _("SK, NPHD or BAST says another kind, quantity or recipient than the package, explained or not."),
            _mismatches,
            (
                _link("package__"),
                *_of_package("package__"),
                _PAPER,
                _NUMBER,
                _DATED,
                Column("kind_said", _("kind by the document"), Kind.TEXT, "kind__name"),
                Column("quantity", _("quantity"), Kind.COUNT, "package__quantity"),
                Column("quantity_said", _("quantity by the document"), Kind.COUNT, "quantity"),
                Column("recipient_said", _("recipient by the document"), Kind.TEXT, "recipient_name"),
                Column("difference", _("explanation of the difference"), Kind.TEXT),
            ),
            package="package__",
        ),
        Check(
            "ganda",
            _("Double recipients"),
            _("Several packages to the same recipient, cooperative, person, group or address. It may be right."),
            _doubles,
            (
                _link(),
                *_of_package(),
                Column("why", _("what they have in common"), Kind.TEXT),
                Column("group", _("group"), Kind.TEXT, "recipient__group_name"),
            ),
            order=("recipient__group_key", "recipient__name_key", "pk"),
        ),
        Check(
            "belum-dilihat",
            _("Units never seen"),
            _("Handed over, still held by somebody, and not seen by any visit since."),
            _never_seen,
            (
                _link("package__"),
                *_of_package("package__"),
                Column("unit", _("unit code"), Kind.TEXT, "code"),
                Column("handed_on", _("handed over on"), Kind.DATE),
                Column("days", _("days since"), Kind.COUNT),
            ),
            order=("handed_on", "pk"),
            package="package__",
        ),
        Check(
            "pemegang",
            _("Holder other than the recipient"),
            _("Units that are today with somebody else than whom they were given to."),
            _other_holders,
            (
                _link("unit__package__"),
                *_of_package("unit__package__"),
                Column("unit", _("unit code"), Kind.TEXT, "unit__code"),
                Column("holder", _("holder"), Kind.TEXT, choices=tuple(Holding.Holder.choices)),
                Column("name", _("name of the holder"), Kind.TEXT),
                Column("since", _("since"), Kind.DATE),
                Column("basis", _("basis"), Kind.TEXT),
            ),
            package="unit__package__",
        ),
        Check(
            "tanggal",
            _("Dates out of order"),
            _("Papers dated after their step, or against the order of the procedure: from old or late filed papers."),
            _out_of_order,
            (
                _link("package__"),
                *_of_package("package__"),
                _PAPER,
                _NUMBER,
                _DATED,
                Column("why", _("what is wrong"), Kind.TEXT),
            ),
            package="package__",
        ),
        Check(
            "temuan",
            _("Overdue findings"),
            _("Findings of inspections past the day by which they were to be settled (60 days by the rule)."),
            _findings,
            (
                _link("package__"),
                *_of_package("package__"),
                _NUMBER,
                Column("text", _("finding"), Kind.TEXT),
                Column("due_on", _("to be settled until"), Kind.DATE),
                Column("days", _("days overdue"), Kind.COUNT),
            ),
            order=("due_on", "pk"),
            package="package__",
        ),
        Check(
            "foto",
            _("Odd photographs"),
            _("Used before, or taken more than a day before or after their visit."),
            _odd_photos,
            (
                _link("visit__package__"),
                *_of_package("visit__package__"),
                Column("unit", _("unit code"), Kind.TEXT, "visit__unit__code"),
                Column("visited_on", _("visited on"), Kind.DATE, "visit__visited_on"),
                Column("taken_at", _("taken at"), Kind.MOMENT),
                Column("repeated", _("was used before"), Kind.FLAG, "is_repeated"),
                Column("off_time", _("taken outside the visit's time"), Kind.FLAG, "is_off_time"),
                Column("by", _("visited by"), Kind.TEXT, "visit__by__username"),
            ),
            package="visit__package__",
        ),
    )
}
