"""The front page: where cooperatives stand, from which numbers that follows, and where to look further."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from assistance.totals import kept, verified
from common.dates import today
from common.models import DataVersion
from common.numbers import format_number, format_percent
from common.pages import public_page
from cooperatives.models import Cooperative, Status
from cooperatives.models.cooperative import ENDED
from figures import headline
from figures.headline import Share
from meetings.coverage import coverage
from meetings.models import Round
from portal.picture import SUBJECTS, Picture
from portal.stats import Stat, of_figure, way_to_target
from progress import timeline
from regions.models import Regency
from reporting.matrix import last_due
from reporting.models.report import SUBJECT as REPORTS


@dataclass(frozen=True)
class Register:
    """How many cooperatives are on record today, how many of them are active, and when that last changed."""

    total: int
    active: int
    changed_at: datetime | None

    @property
    def words(self):
        return way_to_target(Share(self.active, self.total))


def register():
    """The register in two numbers, in two queries that stay within an index."""
    counts = dict(Cooperative.objects.in_register().order_by().values_list("status").annotate(count=Count("pk")))
    _number, changed_at = DataVersion.read("cooperatives").get("cooperatives", (0, None))
    total = sum(count for status, count in counts.items() if status and status not in ENDED)
    return Register(total, counts.get(Status.ACTIVE, 0), changed_at)


def lead_stats(newest):
    """The headline numbers that are known, each with what it covers."""
    found = []
    if total := newest["cooperatives"]:
        found.append(of_figure(total, _("Cooperatives on record"), total.territory.name))
    if pair := newest.pairs.get("cooperatives_active"):
        share = format_percent(pair.part.value, pair.whole.value)
        found.append(of_figure(pair.part, _("Active cooperatives"), _("%(share)s of all") % {"share": share}))
    if pair := newest.pairs.get("rat_held"):
        words = _("%(share)s of the %(whole)s active ones") % {
            # As the Ministry published it: two decimals.
            "share": format_percent(pair.part.value, pair.whole.value, 2),
            "whole": format_number(pair.whole.value),
        }
        found.append(of_figure(pair.part, _("Held the RAT"), words))
    if merah_putih := newest["cooperatives_merah_putih"]:
        found.append(of_figure(merah_putih, _("Merah Putih cooperatives"), merah_putih.note))
    return found


def founding_stats(founding):
    found = [of_figure(founding.cooperatives, _("Cooperatives")), of_figure(founding.members, _("Members"))]
    if founding.most_members:
        name = founding.most_members.territory.name
        found.append(of_figure(founding.most_members, _("Members in %(name)s, the most") % {"name": name}))
    return found


def progress_stats(gates):
    """What the office works at, each number with the page that it comes from; those that there are."""
    of_all = _("of %(count)s regencies; %(needed)s are needed") % {
        "count": gates.regencies,
        "needed": gates.needed if gates.needed is not None else _("not known how many"),
    }

    def number(label, value, words, page, name):
        return Stat(label, value, "", words, page, reverse(name), reverse(name))

    found = [number(_("pass both gates"), gates.passed, of_all, _("Scorecard"), "progress")]
    for one, held, count in coverage(list(Round.objects.all()[:1])).reached():
        words = _("of %(count)s regencies: %(round)s") % {"count": count, "round": one}
        found.append(number(_("reached by the round of meetings"), held, words, _("Meetings"), "meetings"))
    if due := last_due():
        period, rate = due
        words = _("of %(count)s due: %(period)s") % {"count": rate.due, "period": period.name}
        found.append(number(_("reports received"), rate.submitted, words, _("Who has reported"), "report_matrix"))
    seen, handed = kept("verified", verified)
    if handed:
        words = _("of %(count)s, seen within 12 months") % {"count": format_number(handed)}
        found.append(number(_("units of aid verified"), seen, words, _("Aid"), "assistance"))
    return found


@public_page(*SUBJECTS, REPORTS)
def home(request):
    on = today()
    years = timeline.timeline()
    newest, founding = headline.headline(), headline.founding()
    active = newest.pairs.get("cooperatives_active")
    picture = Picture(request.GET.get("ukuran"), on, versions=request.data_versions)
    return render(
        request,
        "portal/home.html",
        {
            "stats": lead_stats(newest),
            "active": active,
            "active_words": way_to_target(active.share) if active else "",
            "target": headline.ACTIVE_TARGET,
            "register": register(),
            "register_url": reverse("cooperative_list"),
            "years": years,
            "last_year": years[-1].year if years else None,
            "goal_was_reached": timeline.goal_was_reached(years),
            "goal_year": timeline.GOAL_YEAR,
            "picture": picture,
            "gates": picture.gates,
            "progress_stats": progress_stats(picture.gates),
            "founding": founding,
            "founding_stats": founding_stats(founding) if founding.is_known else [],
            "left_count": Regency.objects.filter(valid_until__lte=on).count(),
            "news": headline.news(),
        },
    )
