"""A cooperative's own page: what is on record, since when, from which source, and what that does not prove."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.db.models import F
from django.http import HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.dates import format_date, today
from common.pages import public_page
from cooperatives.chips import BADGES
from cooperatives.grade import RatRecord, has_no_rule
from cooperatives.merging import final_record
from cooperatives.models import BoardMember, Cooperative, InactivityRule, Status, StatusPeriod, rules_on
from cooperatives.summary import last_ended_book_year
from portal.aid import received_by

STRIP_YEARS = 5
# Contacts and notes are not even read: what is not here cannot slip into a page.
PRIVATE = ("email", "phone", "other_phone", "note", "search")


@public_page("cooperatives", "regions", "aid")
def cooperative(request, pk, slug=""):
    """`/koperasi/<id>-<slug>/`. A wrong or missing slug, and a double, lead on; a voided record is gone."""
    record = get_object_or_404(
        Cooperative.objects.for_list().defer(*PRIVATE, "regency__boundary", "regency__note"), pk=pk
    )
    if record.is_voided:
        survivor = final_record(record)
        if not survivor.is_voided:
            return HttpResponsePermanentRedirect(survivor.get_absolute_url())
        return render(request, "portal/cooperative_voided.html", status=410)
    if slug != record.slug:
        return HttpResponsePermanentRedirect(record.get_absolute_url())
    context = {"page": Portrait(record), "aid": received_by(record)}
    return render(request, "portal/cooperative_detail.html", context)


@dataclass(frozen=True)
class Cell:
    """One answer of the strip: a colour and its word."""

    kind: str
    word: str


@dataclass(frozen=True)
class Year:
    """One book year of the table, as it stands there."""

    entry: object
    managers: str
    employees: str


class Portrait:
    """What the page shows of one cooperative. Each part is read once, whatever the number of rows."""

    def __init__(self, record):
        self.record = record
        self.today = today()

    # -- Identity ----------------------------------------------------------------------------------

    @property
    def updated_on(self):
        return timezone.localdate(self.record.updated_at)

    @cached_property
    def former_names(self):
        return list(self.record.former_names.all())

    @cached_property
    def amendments(self):
        return list(self.record.deed_amendments.all())

    @cached_property
    def board(self):
        """Who holds a position now, and who held one; in the order of the positions."""
        ranks = {value: rank for rank, value in enumerate(BoardMember.Position.values)}
        members = self.record.board.only("name", "position", "term_from", "term_until", "cooperative")
        return sorted(members, key=lambda one: (self._is_past(one), ranks[one.position], -(one.term_from or 0), one.pk))

    def _is_past(self, member):
        return member.term_until is not None and member.term_until < self.today.year

    @property
    def past_members(self):
        return [member.pk for member in self.board if self._is_past(member)]

    @property
    def has_expired_certificate(self):
        until = self.record.certificate_valid_until
        return until is not None and until < self.today

    @property
    def position(self):
        """Latitude and longitude to two decimals: about a kilometre, the village and not the house."""
        if self.record.latitude is None or self.record.longitude is None:
            return None
        return round(self.record.latitude, 2), round(self.record.longitude, 2)

    @property
    def sources(self):
        """Where the yearly figures come from, newest first, each named once."""
        return list(dict.fromkeys(entry.source for entry in self.returns if entry.source))

    # -- Status ------------------------------------------------------------------------------------

    @cached_property
    def periods(self):
        """The statuses with the last day of each, newest first."""
        periods = list(
            self.record.status_periods.select_related("successor").only(
                "status", "since", "until", "basis", "cooperative", "successor__name"
            )
        )
        for period in periods:
            period.badge = BADGES.get(period.status, "")
            period.last_day = period.until - timedelta(days=1) if period.until else None
        return periods

    @property
    def badge(self):
        return BADGES.get(self.record.status, "")

    @property
    def last_period(self):
        return self.periods[0] if self.periods else None

    @cached_property
    def merged_into_this(self):
        """Cooperatives that merged into this one by law, with the day."""
        return list(
            StatusPeriod.objects.filter(successor=self.record, cooperative__voided_at=None)
            .select_related("cooperative")
            .only("since", "successor", "cooperative__name")
            .order_by(F("since").desc(nulls_last=True))
        )

    @cached_property
    def rules(self):
        return rules_on(self.today)

    @cached_property
    def inactivity_rule(self):
        return InactivityRule.objects.filter(valid_from__lte=self.today).order_by("-valid_from").first()

    @property
    def rule_words(self):
        """What the dated rule gives, and whether the record says the same. Empty where the rule has nothing to say."""
        if not self.record.status or self.record.has_ended or not self.record.rule_status:
            return ""
        rule = ngettext(
            "inactive after %(years)d counted book year without RAT",
            "inactive after %(years)d counted book years without RAT",
            self.rules.inactive_after,
        ) % {"years": self.rules.inactive_after}
        if self.inactivity_rule:
            rule += ", " + _("in force since %(date)s, %(basis)s") % {
                "date": format_date(self.inactivity_rule.valid_from),
                "basis": self.inactivity_rule.basis,
            }
        given = Status(self.record.rule_status).label.lower()
        if not self.differs:
            return _("By the rule (%(rule)s) the status is %(given)s too: the record and the rule agree.") % {
                "rule": rule,
                "given": given,
            }
        return _("By the rule (%(rule)s) the status would be %(given)s. The record says %(recorded)s: they differ.") % {
            "rule": rule,
            "given": given,
            "recorded": Status(self.record.status).label.lower(),
        }

    @property
    def differs(self):
        """Whether record and rule disagree. A frozen cooperative is inactive in the eyes of the rule."""
        recorded = Status.INACTIVE if self.record.status == Status.FROZEN else self.record.status
        return recorded != self.record.rule_status

    # -- Years -------------------------------------------------------------------------------------

    @cached_property
    def returns(self):
        return list(self.record.returns.order_by("-book_year"))

    @cached_property
    def years(self):
        """The returns as rows of the table, newest first."""
        return [
            Year(
                entry,
                _men_and_women(entry.managers_men, entry.managers_women),
                _men_and_women(entry.employees_men, entry.employees_women),
            )
            for entry in self.returns
        ]

    @property
    def notes(self):
        """Where men and women do not add up to the members: the year and the reason given."""
        return [(entry.book_year, entry.members_note) for entry in self.returns if entry.members_note]

    @cached_property
    def strip_years(self):
        """The last five book years up to the one that counts, or to a later one that was reported already."""
        ended = last_ended_book_year(self.today)
        reported = max((entry.book_year for entry in self.returns if entry.book_year <= ended), default=0)
        last = max(self.rules.counting_year, reported)
        return range(last - STRIP_YEARS + 1, last + 1)

    @property
    def strip(self):
        """Two rows, RAT and audit, a cell for each year."""
        entries = {entry.book_year: entry for entry in self.returns}
        return [
            (_("RAT"), [self._cell(year, entries.get(year), "rat_held") for year in self.strip_years]),
            (_("Audit"), [self._cell(year, entries.get(year), "audited") for year in self.strip_years]),
        ]

    def _cell(self, year, entry, column):
        answer = getattr(entry, column) if entry else None
        if answer is not None:
            return Cell("ok", _("Yes")) if answer else Cell("bad", _("No"))
        founded = self.record.founding_date
        if founded and founded.year > year:
            return Cell("nil", _("not founded yet"))
        return Cell("nil", _("no data yet"))

    @property
    def charts(self):
        """Title, unit and points of the three small charts, over the years of the strip; none without a number."""
        entries = {entry.book_year: entry for entry in self.returns}
        drawn = [
            (title, unit, [(str(year), getattr(entries.get(year), column, None)) for year in self.strip_years])
            for title, unit, column in (
                (_("Members"), _("people"), "members"),
                (_("Turnover"), "Rp", "turnover"),
                (_("SHU"), "Rp", "shu"),
            )
        ]
        return [chart for chart in drawn if any(value is not None for _label, value in chart[2])]

    @property
    def grade_words(self):
        """Why it has this grade, in a sentence."""
        years = self.rules.graded_years
        held = {entry.book_year for entry in self.returns if entry.rat_held}
        named = {"years": ", ".join(map(str, years)), "latest": years[-1]}
        sentences = {
            "A": _("a RAT is on record for each of the last three book years that count (%(years)s)."),
            "B": _("a RAT is on record for two of the last three book years that count (%(years)s)."),
            "C1": _(
                "founded within the last three years, and one RAT is on record (book years that count: %(years)s)."
            ),
            "C2": _(
                "founded more than three years ago, and one RAT is on record, for the latest book year %(latest)s."
            ),
            "D": _("no RAT is on record for the last three book years that count (%(years)s)."),
            "": _("No grade yet: its first book year does not count yet."),
        }
        if self.record.grade == "D" and has_no_rule(RatRecord(self.record.founding_date, frozenset(held)), self.rules):
            words = _(
                "one RAT is on record, older than the latest book year %(latest)s, and it was founded more than three"
                " years ago. The Ministry's rule does not name this case; the portal counts it as D."
            )
        else:
            words = sentences[self.record.grade]
        words %= named
        return (
            _("Grade %(grade)s: %(why)s") % {"grade": self.record.grade, "why": words} if self.record.grade else words
        )

    @property
    def next_year(self):
        return self.rules.counting_year + 1


def _men_and_women(men, women):
    """`3 (2 L, 1 P)`, or the one number that is known; empty where neither is."""
    parts = []
    if men is not None:
        parts.append(_("%(number)d men") % {"number": men})
    if women is not None:
        parts.append(_("%(number)d women") % {"number": women})
    return ", ".join(parts)
