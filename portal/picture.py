"""The map of today's regencies for one metric, with the table that holds the same numbers."""

from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from assistance.models import Package
from common.dates import format_date
from common.numbers import format_number, format_percent
from cooperatives.models import Cooperative, Status
from cooperatives.recap import LOCATED, recap
from figures.models import Figure
from meetings.coverage import Cell, Coverage, coverage
from meetings.models import Round
from progress import timeline
from progress.scorecard import Gate
from progress.sheet import kept, rules_of, versions_now
from progress.shown import Row, Shown
from regions import map as regions_map
from regions.map import Reading
from regions.models import Regency

SUBJECTS = ("cooperatives", "figures", "regions", "awards", "aid", "meetings", "progress")

# In the order of the tabs; the first is the front page's own.
GATES, PREDICATE, COOPERATIVES, ACTIVE, MEMBERS, AID, MEETINGS = (
    "gerbang",
    "predikat",
    "koperasi",
    "aktif",
    "anggota",
    "bantuan",
    "rapat",
)
METRICS = {
    GATES: gettext_lazy("The two gates"),
    PREDICATE: gettext_lazy("Official predicate"),
    COOPERATIVES: gettext_lazy("Number of cooperatives"),
    ACTIVE: gettext_lazy("Active share"),
    MEMBERS: pgettext_lazy("metric", "Members"),
    AID: gettext_lazy("Aid packages"),
    MEETINGS: gettext_lazy("Coordination meetings"),
}
STANDING = (Status.ACTIVE, Status.INACTIVE, Status.FROZEN)


def rows_url(regency, *statuses, **more):
    """The list of the cooperatives that a number of a regency's page counted."""
    asked = QueryDict(mutable=True)
    asked["wilayah"] = regency.slug
    asked.setlist("status", [str(status) for status in statuses or STANDING])
    for name, value in more.items():
        asked[name] = str(value)
    return f"{reverse('cooperative_list')}?{asked.urlencode()}"


@dataclass
class Line:
    """One regency in the table beside the map."""

    regency: Regency
    years: list
    published: Figure | None
    count: object = None
    aid: int = 0
    meeting: Cell | None = None
    progress: Row | None = None

    @property
    def total_url(self):
        return rows_url(self.regency)

    @property
    def active_url(self):
        return rows_url(self.regency, Status.ACTIVE)

    @property
    def progress_url(self):
        return reverse("regency_progress", args=[self.regency.slug])

    @property
    def aid_url(self):
        return f"{reverse('assistance')}?wilayah={self.regency.slug}"

    @property
    def members(self):
        return self.count.sums["members"] if self.count else None


class Picture:
    """The map of today's regencies for one metric, with the table that holds the same numbers.

    Metrics but the predicate are counted from the register, or, while that is empty, taken from what
    was published last. `counted` asks for all of the register's numbers in the table, whatever the metric.
    """

    def __init__(self, metric, on, *, counted=False, versions=None):
        self.metric = metric if metric in METRICS else GATES
        self.on, self.versions = on, versions
        self.label = METRICS[self.metric]
        self.shows_total = counted or self.metric == COOPERATIVES
        self.shows_active = counted or self.metric == ACTIVE
        self.shows_members = counted or self.metric == MEMBERS
        self.shows_aid = counted or self.metric == AID
        self.shows_meetings = self.metric == MEETINGS
        self.shows_gates = self.metric == GATES
        self._counted = counted or self.metric not in {GATES, PREDICATE, AID, MEETINGS}

    @cached_property
    def regencies(self):
        return list(Regency.objects.on(self.on).defer("boundary", "note").order_by("name"))

    @cached_property
    def recap(self):
        """The register's count by seat, or None where it is not asked for or the register is empty."""
        if not self._counted or not Cooperative.objects.in_register().exists():
            return None
        return recap(self.on, by=LOCATED)

    @cached_property
    def years(self):
        return timeline.years_by_regency()

    @cached_property
    def published(self):
        """`{(indicator code, regency id): newest official total}`."""
        codes = ["cooperatives", "cooperatives_active", "members"]
        figures = (
            Figure.objects.official()
            .of_all()
            .filter(indicator__code__in=codes, territory__regency__isnull=False)
            .latest()
            .for_list()
        )
        return {(figure.indicator.code, figure.territory.regency_id): figure for figure in figures}

    @cached_property
    def aid(self):
        """`{regency id: public packages}`, where they are asked for."""
        return Package.objects.given().count_by_regency() if self.shows_aid else {}

    @cached_property
    def coverage(self):
        """Where the newest round of meetings has come, where that is asked for."""
        return coverage(list(Round.objects.all()[:1])) if self.shows_meetings else Coverage([], [])

    @cached_property
    def gates(self):
        """Today's scorecard with the gates alone."""
        versions = self.versions or versions_now()
        return Shown(kept(self.on, rules_of(self.on).gates, versions))

    @property
    def column(self):
        """The indicator whose published figure stands in the table."""
        return {ACTIVE: "cooperatives_active", MEMBERS: "members"}.get(self.metric, "cooperatives")

    @cached_property
    def lines(self):
        counts = {row.key: row for row in self.recap.rows} if self.recap else {}
        meetings = {regency.pk: cells[0] for regency, cells in self.coverage.rows}
        gates = {row.key: row for row in self.gates.rows} if self.shows_gates else {}
        return [
            Line(
                regency,
                self.years.get(regency.pk, []),
                self.published.get((self.column, regency.pk)),
                counts.get(regency.slug),
                self.aid.get(regency.pk, 0),
                meetings.get(regency.pk),
                gates.get(regency.slug),
            )
            for regency in self.regencies
        ]

    @cached_property
    def _readings(self):
        made = {
            GATES: self._of_gates,
            PREDICATE: self._of_predicate,
            COOPERATIVES: self._of_counts,
            ACTIVE: self._of_shares,
            MEMBERS: self._of_counts,
            AID: self._of_aid,
            MEETINGS: self._of_meetings,
        }[self.metric]
        return made()

    @property
    def key(self):
        """(level, words) for the legend of the map."""
        return self._readings[1]

    @cached_property
    def map(self):
        return regions_map.draw(self.on, self._readings[0])

    @property
    def caption(self):
        if self.metric == GATES:
            return _("Computed by the portal by responsible office, not a decision of the Ministry.")
        if self.metric == PREDICATE:
            return _("Year of the newest predicate.")
        if self.metric == AID:
            return _("Packages of aid from the decree on, and old aid, by the regency of the recipient.")
        if self.metric == MEETINGS:
            return str(self.coverage.rounds[0]) if self.coverage.rounds else _("No round of meetings is on record.")
        if self.recap:
            return _("Counted from the register, %(day)s, by the cooperative's seat.") % {"day": format_date(self.on)}
        return _("The newest published figures, whose dates differ: the register is still empty.")

    @property
    def tabs(self):
        return [(f"?ukuran={key}#peta", label, key == self.metric) for key, label in METRICS.items()]

    def _of_gates(self):
        levels = {Gate.PASSED: 4, Gate.FAILED: 1, Gate.UNKNOWN: 0}
        words = {Gate.PASSED: pgettext("tile", "passes"), Gate.FAILED: pgettext("tile", "not yet"), Gate.UNKNOWN: ""}
        readings = {}
        for line in self.lines:
            row = line.progress
            gate = Gate(row.data["gate"]) if row else Gate.UNKNOWN
            shares = [cell.value for cell in row.gates if cell.value] if row else []
            word = " · ".join(shares) or _("no data yet")
            readings[line.regency.pk] = Reading(words[gate], word, levels[gate])
        return readings, [(4, _("passes both gates")), (1, _("does not pass yet")), (0, _("no data yet (dashed)"))]

    def _of_predicate(self):
        readings = {}
        for pk, years in self.years.items():
            words = ngettext("%(count)s time", "%(count)s times", len(years)) % {"count": len(years)}
            readings[pk] = Reading(str(years[-1]), words, 4 if len(years) > 1 else 2)
        for regency in self.regencies:
            readings.setdefault(regency.pk, Reading("", _("never yet")))
        return readings, [(4, _("more than once")), (2, _("once")), (0, _("never yet (dashed)"))]

    def _of_counts(self):
        if self.recap:
            numbers = {line.regency.pk: self._counted_number(line) for line in self.lines}
            word = _("people") if self.metric == MEMBERS else _("cooperatives")
            words = dict.fromkeys(numbers, word)
        else:
            numbers = {line.regency.pk: line.published and line.published.value for line in self.lines}
            words = {
                line.regency.pk: format_date(line.published.as_of, line.published.date_precision)
                for line in self.lines
                if line.published
            }
        steps = _quarters([number for number in numbers.values() if number is not None])
        readings = {
            pk: Reading("", _("no data yet"))
            if number is None
            else Reading(format_number(number), words[pk], _step(number, steps))
            for pk, number in numbers.items()
        }
        key = _key(steps)
        return readings, [*key, (0, _("no data yet (dashed)"))]

    def _counted_number(self, line):
        if line.count is None:
            return None
        return line.members if self.metric == MEMBERS else line.count.total

    def _of_aid(self):
        numbers = {line.regency.pk: line.aid for line in self.lines}
        steps = _quarters([number for number in numbers.values() if number])
        readings = {
            pk: Reading(format_number(number), _("packages"), _step(number, steps))
            if number
            else Reading("0", _("no aid on record"))
            for pk, number in numbers.items()
        }
        key = _key(steps)
        return readings, [*key, (0, _("no aid on record (dashed)"))]

    def _of_meetings(self):
        readings = {}
        for line in self.lines:
            cell = line.meeting
            if cell is None or cell.meeting is None:
                readings[line.regency.pk] = Reading("", _("none yet"))
            else:
                # A tile is narrow: one short word, and the day.
                word = pgettext("tile", "held") if cell.is_held else pgettext("tile", "planned")
                day = format_date(cell.meeting.starts_on) if cell.meeting.starts_on else _("no day")
                readings[line.regency.pk] = Reading(word, day, 4 if cell.is_held else 1)
        return readings, [(4, _("held")), (1, _("planned or postponed")), (0, _("none yet (dashed)"))]

    def _of_shares(self):
        readings = {}
        for line in self.lines:
            part, whole, word = self._active_of(line)
            share = format_percent(part, whole) if part is not None else None
            if not share:
                readings[line.regency.pk] = Reading("", _("no data yet"))
                continue
            readings[line.regency.pk] = Reading(share, word, min(4, 1 + part * 4 // whole))
        key = [(4, _("75 % and more")), (3, _("50 to 75 %")), (2, _("25 to 50 %")), (1, _("below 25 %"))]
        return readings, [*key, (0, _("no data yet (dashed)"))]

    def _active_of(self, line):
        """Active, all, and the words beneath; of the register, or of two published figures of one date."""
        if self.recap:
            count = line.count
            if not count or not count.total:
                return None, None, ""
            part, whole, day = count.active, count.total, ""
        else:
            all_of_them = self.published.get(("cooperatives", line.regency.pk))
            if not line.published or not all_of_them or all_of_them.as_of != line.published.as_of:
                return None, None, ""
            part, whole = line.published.value, all_of_them.value
            day = format_date(line.published.as_of, line.published.date_precision)
        words = _("%(part)s of %(whole)s") % {"part": format_number(part), "whole": format_number(whole)}
        return part, whole, f"{words}, {day}" if day else words


def _quarters(numbers):
    """`{level: (lowest, highest)}` of up to four groups of about one size, by rank; equal numbers stay together."""
    ordered = sorted(numbers)
    found = {}
    for number in ordered:
        level = 1 + ordered.index(number) * 4 // len(ordered)
        low, _high = found.get(level, (number, number))
        found[level] = (low, number)
    return found


def _key(steps):
    """`[(level, words)]` for the legend: from the least to the most, or the one number."""
    return [
        (level, format_number(low) if low == high else f"{format_number(low)}–{format_number(high)}")
        for level, (low, high) in steps.items()
    ]


def _step(number, steps):
    return next(level for level, (low, high) in steps.items() if low <= number <= high)
