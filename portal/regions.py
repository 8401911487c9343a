"""The regencies' pages: what was published, what the register gives, and what the Ministry awarded, side by side."""

from dataclasses import dataclass
from functools import cached_property

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.dates import format_date, today
from common.numbers import format_number, format_percent
from common.pages import public_page
from common.text import fold
from cooperatives.models import Cooperative, Group, Status
from cooperatives.recap import LOCATED, groups_of, recap
from figures.headline import ACTIVE_TARGET, Share
from figures.models import Figure
from portal.aid import received_in
from portal.meetings import meetings_in
from portal.picture import SUBJECTS, Picture, rows_url
from portal.stats import Stat, way_to_target
from progress import timeline
from regions.models import Regency

EMPTY = "kosong"


@public_page(*SUBJECTS)
def regency_list(request):
    on = today()
    return render(
        request,
        "portal/region_list.html",
        {
            "picture": Picture(request.GET.get("ukuran"), on, counted=True, versions=request.data_versions),
            "former": Regency.objects.filter(valid_until__lte=on).defer("boundary").order_by("name"),
        },
    )


# One regency --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comparison:
    """One indicator: what was published last, and what the register gives today."""

    label: str
    published: Figure | None
    number: int | None = None
    url: str = ""
    remarks: tuple = ()


class Profile:
    """Everything that a regency's page shows."""

    # Of the dictionary's indicators those that the register can give too.
    COUNTED = (
        "cooperatives",
        "cooperatives_active",
        "cooperatives_inactive",
        "rat_held",
        "audited",
        "members",
        "members_men",
        "members_women",
    )

    def __init__(self, regency, on):
        self.regency, self.on = regency, on
        self.is_part = regency.was_part_on(on)
        self.target = ACTIVE_TARGET

    @cached_property
    def _recap(self):
        if not self.is_part or not Cooperative.objects.in_register().exists():
            return None
        return recap(self.on, by=LOCATED, seat=self.regency)

    @cached_property
    def count(self):
        """The regency's line of the recap, or None while nothing of it is in the register."""
        row = self._recap.row(self.regency.slug) if self._recap else None
        return row if row and row.total + row.ended else None

    @property
    def counting_year(self):
        return self._recap.counting_year

    @property
    def figures_year(self):
        return self._recap.figures_year

    @cached_property
    def figures(self):
        """All published figures of the regency, the newest first and of one date the office's first."""
        return list(
            Figure.objects.filter(territory__regency=self.regency)
            .exclude(quality=Figure.Quality.CONFLICTING)
            .for_list()
            .order_by("indicator__position", "-as_of", "-is_official", "pk")
        )

    def _newest(self, code, group=""):
        return next((f for f in self.figures if f.indicator.code == code and f.group == group), None)

    @cached_property
    def population(self):
        return [figure for figure in self.figures if figure.indicator.code == "population"]

    @cached_property
    def offspring(self):
        return list(self.regency.offspring.defer("boundary").order_by("valid_from"))

    @cached_property
    def awards(self):
        return timeline.of_regency(self.regency)

    @cached_property
    def groups(self):
        """(name, total, active, address of all, address of the active) by group, the largest first."""
        return [
            (
                name or _("(not filled in)"),
                total,
                active,
                rows_url(self.regency, kelompok=pk or EMPTY),
                rows_url(self.regency, Status.ACTIVE, kelompok=pk or EMPTY),
            )
            for pk, name, total, active in self._group_counts
        ]

    @property
    def active_words(self):
        return way_to_target(Share(self.count.active, self.count.total))

    @property
    def rat_words(self):
        """The RAT against the active, as the Ministry publishes it; the bar shows it against all (rule of 2009)."""
        share = format_percent(self.count.rat_held, self.count.active)
        if not share:
            return ""
        return _("That is %(share)s of the number of active ones (%(active)s).") % {
            "share": share,
            "active": format_number(self.count.active),
        }

    @property
    def stats(self):
        """The numbers that the page leads with."""
        count, source = self.count, _("Register, %(day)s") % {"day": format_date(self.on)}
        year = self.counting_year
        return [
            Stat(_("Cooperatives"), count.total, _("units"), _("with their seat here"), source, rows_url(self.regency)),
            Stat(
                _("Active cooperatives"),
                count.active,
                _("units"),
                self._of(count.active, count.total),
                source,
                rows_url(self.regency, Status.ACTIVE),
            ),
            Stat(
                _("RAT held for book year %(year)s") % {"year": year},
                count.rat_held,
                _("units"),
                self._of(count.rat_held, count.total),
                source,
                rows_url(self.regency, rat=year),
            ),
            Stat(
                _("Members of cooperatives"),
                count.sums["members"],
                _("people"),
                self._members_words(),
                source,
                rows_url(self.regency),
            ),
        ]

    def _members_words(self):
        return _("from the %(known)s cooperatives that filled it in, latest return up to %(year)s") % {
            "known": format_number(self.count.members_known),
            "year": self.figures_year,
        }

    @cached_property
    def comparisons(self):
        lines = [self._comparison(code) for code in self.COUNTED]
        lines = [line for line in lines if line]
        counts = [figure for figure in self.figures if figure.group and figure.indicator.code == "cooperatives"]
        newest = {figure.group: figure for figure in reversed(counts)}
        return lines + [self._of_group(figure) for figure in newest.values()]

    def _comparison(self, code):
        published, counted = self._newest(code), self._counted(code)
        if published is None and counted is None:
            return None
        number, url, remark = counted or (None, "", "")
        label = published.indicator.name if published else LABELS[code]
        return Comparison(label, published, number, url, (*self._remarks(published), *filter(None, [remark])))

    def _counted(self, code):
        """(number, address of its rows, words) from the register; None where it gives nothing."""
        count = self.count
        if count is None:
            return None
        year = self._recap.counting_year
        if code == "cooperatives":
            return count.total, rows_url(self.regency), ""
        if code == "cooperatives_active":
            return count.active, rows_url(self.regency, Status.ACTIVE), self._of(count.active, count.total)
        if code == "cooperatives_inactive":
            words = ""
            if count.frozen:
                words = _("%(count)s of them frozen") % {"count": format_number(count.frozen)}
            return count.inactive, rows_url(self.regency, Status.INACTIVE, Status.FROZEN), words
        if code == "rat_held":
            words = _("book year %(year)s; answers from %(known)s cooperatives") % {
                "year": year,
                "known": format_number(count.rat_known),
            }
            return count.rat_held, rows_url(self.regency, rat=year), words
        if code == "audited":
            words = _("book year %(year)s; answers from %(known)s cooperatives") % {
                "year": year,
                "known": format_number(count.audited_known),
            }
            return count.audited, rows_url(self.regency, audit=year), words
        number = count.sums[code]
        if number is None:
            return None
        words = self._members_words()
        return number, rows_url(self.regency), words if code == "members" else ""

    def _of(self, part, whole):
        share = format_percent(part, whole)
        if not share:
            return ""
        return _("%(share)s of %(whole)s") % {"share": share, "whole": format_number(whole)}

    def _of_group(self, figure):
        group = self._group_by_spelling.get(fold(figure.group))
        number, url = None, ""
        if group and self.count:
            number = next((total for pk, _name, total, _active in self._group_counts if pk == group.pk), 0)
            url = rows_url(self.regency, kelompok=group.pk)
        label = _("Group: %(group)s") % {"group": figure.group}
        return Comparison(label, figure, number, url, self._remarks(figure))

    @cached_property
    def _group_counts(self):
        return groups_of(self.regency, self.on) if self.count else []

    @cached_property
    def _group_by_spelling(self):
        return {spelling: group for group in Group.objects.all() for spelling in group.spellings()}

    def _remarks(self, figure):
        if figure is None:
            return ()
        younger = [
            _("That figure still includes %(name)s; it cannot be compared directly.") % {"name": young.name}
            for young in self.offspring
            if not young.was_part_on(figure.as_of)
        ]
        return (*filter(None, [figure.note]), *younger)


LABELS = {
    "cooperatives": gettext_lazy("Number of cooperatives"),
    "cooperatives_active": gettext_lazy("Active cooperatives"),
    "cooperatives_inactive": gettext_lazy("Inactive cooperatives"),
    "rat_held": gettext_lazy("Cooperatives that held the RAT"),
    "audited": gettext_lazy("Audited cooperatives"),
    "members": gettext_lazy("Members of cooperatives"),
    "members_men": gettext_lazy("Members who are men"),
    "members_women": gettext_lazy("Members who are women"),
}


@public_page(*SUBJECTS)
def regency_detail(request, slug):
    regency = get_object_or_404(Regency.objects.select_related("split_from").defer("boundary"), slug=slug)
    context = {
        "regency": regency,
        "profile": Profile(regency, today()),
        "aid": received_in(regency),
        "meetings": meetings_in(regency),
    }
    return render(request, "portal/region_detail.html", context)
