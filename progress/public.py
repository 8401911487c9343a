"""/kemajuan/: how far the province and each regency are, why, and what is missing."""

from datetime import date

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.api import site
from common.columns import Column, Kind
from common.dates import today
from common.exports import refused, stream, stream_rows
from common.pages import public_page
from cooperatives.models import AnnualReturn, Cooperative, Status, counting_year_on
from progress import papers, timeline
from progress.changes import Changes
from progress.difference import moved
from progress.files import CHANGES, SCORECARD, changes_rows, scorecard_rows
from progress.forms import ScorecardForm, SinceForm
from progress.models import Snapshot
from progress.readings import TOTAL, register_url
from progress.sheet import KEYS, kept, rules_by, rules_of
from progress.shown import Shown
from regions.models import Regency

SHOWN = 10
AWARD = (
    Column("year", _("year"), Kind.COUNT),
    Column("territory", _("territory"), Kind.TEXT, "territory__name"),
    Column("territory_key", _("territory (key)"), Kind.TEXT, "territory__key"),
    Column("title", _("award"), Kind.TEXT),
    Column("decree_number", _("decree number"), Kind.TEXT),
    Column("source", _("source"), Kind.TEXT, "source__title"),
    Column("source_url", _("address of the source"), Kind.LINK, "source__url"),
    Column("note", _("note"), Kind.TEXT),
    Column("is_demo", _("demo data"), Kind.FLAG),
)


class Asked:
    """What a request asked for: the day, the rules of that day, and the sheet by them."""

    def __init__(self, request):
        keys = request.GET.keys() & {"per", "tahun", "rubrik"}
        self._versions = request.data_versions
        self.form = ScorecardForm(request.GET if keys else None)
        self.on = self.form.day
        self.rules = rules_of(self.on, request.GET.get("rubrik", ""))
        self.form = ScorecardForm(request.GET if keys else None, rubrics=self.rules.others)
        if keys:
            self.form.is_valid()
            known = {one.key for one in self.rules.others}
            if (asked := self.form.cleaned_data.get("rubrik")) and asked not in known:
                self.form.add_error("rubrik", _("No such rubric held on that day."))

    def shown(self, sort=""):
        return Shown(self.sheet, sort)

    @property
    def sheet(self):
        return kept(self.on, self.rules, self._versions)

    @property
    def years(self):
        """The calendar years whose changes are told."""
        return range(self.on.year - 2, self.on.year + 1)

    @property
    def query(self):
        """The part of an address that leads to the same day by the same rules; empty for today's."""
        given = [] if self.on == today() else [f"per={self.on}"]
        if self.form.is_bound and not self.form.errors.get("rubrik") and (key := self.form.cleaned_data.get("rubrik")):
            given.append(f"rubrik={key}")
        return "&".join(given)


@public_page(*KEYS)
def progress(request):
    asked = Asked(request)
    if "format" in request.GET:
        if asked.form.errors:
            return refused(asked.form)
        if request.GET.get("isi") == "gerak":
            return _changes_file(request, asked, TOTAL)
        rows = scorecard_rows(asked.sheet, site(request))
        return stream_rows(request, name=f"kemajuan-{asked.on}", columns=SCORECARD, rows=rows, keys=KEYS)
    shown = asked.shown(request.GET.get("urut", ""))
    context = {
        "asked": asked,
        "form": asked.form,
        "shown": shown,
        "rubric": asked.rules.rubric,
        "is_today": asked.on == today(),
        "changes": Changes(asked.on, asked.years).of(TOTAL),
        "years": asked.years,
        "snapshots": Snapshot.objects.published().for_list()[:5],
    }
    return render(request, "progress/progress.html", context)


@public_page(*KEYS, "awards")
def regency_progress(request, slug):
    regency = get_object_or_404(Regency.objects.defer("boundary"), slug=slug)
    asked = Asked(request)
    shown = asked.shown()
    row = shown.row(slug)
    if row is None and (asked.on == today() or "format" in request.GET):
        # A regency that has left the province: its days within it can still be asked for.
        raise Http404
    if "format" in request.GET:
        if asked.form.errors:
            return refused(asked.form)
        if request.GET.get("isi") == "gerak":
            return _changes_file(request, asked, slug)
        rows = scorecard_rows(asked.sheet, site(request), slug)
        return stream_rows(request, name=f"kemajuan-{slug}-{asked.on}", columns=SCORECARD, rows=rows, keys=KEYS)
    context = {
        "regency": regency,
        "asked": asked,
        "form": asked.form,
        "shown": shown,
        "row": row,
        "is_today": asked.on == today(),
        "changes": Changes(asked.on, asked.years).of(slug),
        "years": asked.years,
        "may_ask_today": regency.was_part_on(today()),
        "closest": closest(regency, asked.on),
        "awards": timeline.of_regency(regency),
    }
    return render(request, "progress/regency.html", context)


def _changes_file(request, asked, place):
    rows = changes_rows(Changes(asked.on, asked.years).of(place), asked, place)
    return stream_rows(request, name=f"perubahan-{place}-{asked.on}", columns=CHANGES, rows=rows, keys=KEYS)


@public_page(*KEYS)
def progress_briefing(request):
    """A day's scorecard as a paper, with what moved since another day (`?sejak=`) or since the last snapshot."""
    asked = Asked(request)
    form = SinceForm(request.GET)
    if asked.form.errors or form.errors:
        return refused(form if form.errors else asked.form)
    since = form.cleaned_data["sejak"] or _last_published(asked.on) or date(asked.on.year - 1, 12, 31)
    if since >= asked.on:
        form.add_error("sejak", _("The day to compare with lies before the day of the briefing."))
        return refused(form)
    shown = asked.shown()
    # By the same rubric: what moved is what was counted, not how it is judged.
    rules = rules_by(asked.rules.rubric, since) if asked.rules.rubric else asked.rules
    before = Shown(kept(since, rules, request.data_versions))
    address = f"{site(request)}{reverse('progress')}?per={asked.on}"
    content = papers.briefing(shown, moved(before, shown), since, address)
    return papers.answer(content, f"kemajuan-{asked.on}.pdf")


def _last_published(on):
    return Snapshot.objects.published().filter(as_of__lt=on).order_by("-as_of").values_list("as_of", flat=True).first()


def closest(regency, on):
    """The cooperatives from which the way to a gate is shortest: `[(why, address, how many, the first of them)]`."""
    year, place = counting_year_on(on), regency.slug
    own = Cooperative.objects.on(on).under(regency, on=on)
    held = AnnualReturn.objects.filter(book_year=year, rat_held=True).values("cooperative")
    found = []
    for why, rows, url in (
        (
            _("active, with one RAT in three years: one more makes grade B"),
            own.filter(status_on=Status.ACTIVE).with_rats([1], year),
            register_url(place, on, Status.ACTIVE, rat_tiga_tahun=1),
        ),
        (
            _("not active, though the RAT of the last counted year was held: to be looked at again"),
            own.filter(status_on__in=[Status.INACTIVE, Status.FROZEN], pk__in=held),
            register_url(place, on, Status.INACTIVE, Status.FROZEN, rat=year),
        ),
    ):
        found.append((why, url, rows.count(), list(rows.order_by("name", "pk")[:SHOWN])))
    return found


@public_page("awards", "figures", "regions")
def awards(request):
    if "format" in request.GET:
        rows = timeline.for_list().order_by()
        return stream(request, name="predikat", columns=AWARD, queryset=rows, keys=("awards", "figures", "regions"))
    return render(request, "progress/awards.html", {"years": timeline.timeline()})
