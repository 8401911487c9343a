"""The numbers that the front page and the regencies' pages lead with, and how far a share is from its target."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, OuterRef, Q, Subquery, When

from figures.models import Figure, Indicator, Source
from regions.models import Territory

# Quoted by officials from the Ministry's rule of 2009: three quarters of a region's cooperatives are active.
ACTIVE_TARGET = 75
FOUNDING_DAY = date(2012, 12, 31)
_of_a_sum = Q(territory__regency=None) & ~Q(territory__key=Territory.OWN_SECTION)


@dataclass(frozen=True)
class Share:
    """A part of a whole against a target in whole per cent. Everything is counted in whole cooperatives."""

    part: int
    whole: int
    target: int = ACTIVE_TARGET

    @property
    def is_reached(self):
        return self.whole > 0 and self.part * 100 >= self.whole * self.target

    @property
    def more_needed(self):
        """How many of the others would have to join the part; 0 where the target is reached."""
        return max(0, -(-self.whole * self.target // 100) - self.part)

    @property
    def fewer_needed(self):
        """How many of the others would have to leave the whole instead; None where that cannot help."""
        if self.part == 0:
            return 0 if self.whole == 0 else None
        return max(0, self.whole - self.part * 100 // self.target)


@dataclass(frozen=True)
class Pair:
    """Two official figures of the same territory and date, one of them a part of the other."""

    part: Figure
    whole: Figure

    @property
    def share(self):
        return Share(self.part.value, self.whole.value)


@dataclass(frozen=True)
class Headline:
    """The newest official totals of a territory by indicator code, and the pairs known for one date."""

    figures: dict
    pairs: dict

    def __getitem__(self, code):
        return self.figures.get(code)


# Part -> whole.
PAIRS = {"cooperatives_active": "cooperatives", "rat_held": "cooperatives_active"}


def headline(territory_key=Territory.PROVINCE):
    """The newest official totals of a territory, in one query."""
    figures = list(
        Figure.objects.official()
        .of_all()
        .filter(territory__key=territory_key)
        .for_list()
        .order_by("indicator_id", "-as_of")
    )
    newest, by_date = {}, {}
    for figure in figures:
        newest.setdefault(figure.indicator.code, figure)
        by_date[figure.indicator.code, figure.as_of] = figure
    pairs = {}
    for part, whole in PAIRS.items():
        days = [day for code, day in by_date if code == part and (whole, day) in by_date]
        if days:
            pairs[part] = Pair(by_date[part, max(days)], by_date[whole, max(days)])
    return Headline(newest, pairs)


@dataclass(frozen=True)
class Founding:
    """The figures with which the portal's goal began, and what else was published for the same day."""

    cooperatives: Figure | None
    members: Figure | None
    most_members: Figure | None
    conflicting: tuple

    @property
    def is_known(self):
        return bool(self.cooperatives and self.members)


def founding():
    """The official figures of 31 December 2012, in one query; the regency with the most members among those known."""
    figures = list(
        Figure.objects.of_all()
        .filter(as_of=FOUNDING_DAY, indicator__code__in=["cooperatives", "members"])
        .for_list()
        .order_by("-value", "pk")
    )

    def first(code, belongs):
        official = (figure for figure in figures if figure.is_official and figure.indicator.code == code)
        return next((figure for figure in official if belongs(figure.territory)), None)

    def of_province(territory):
        return territory.key == Territory.FOUNDING

    def of_regency(territory):
        return territory.regency_id is not None

    cooperatives = first("cooperatives", of_province)
    others = tuple(
        figure
        for figure in figures
        if cooperatives
        and figure.indicator_id == cooperatives.indicator_id
        and figure.territory_id == cooperatives.territory_id
        and figure.pk != cooperatives.pk
    )
    return Founding(cooperatives, first("members", of_province), first("members", of_regency), others)


def news(limit=4):
    """The newest sources, each with one official total of its: the province's first. Two queries."""
    of_source = (
        Figure.objects.official()
        .of_all()
        .filter(source=OuterRef("pk"))
        .order_by(Case(When(_of_a_sum, then=0), default=1), "indicator__position", "-as_of", "pk")
    )
    newest = (
        Source.objects.filter(published_on__isnull=False)
        .annotate(figure_id=Subquery(of_source.values("pk")[:1]))
        .filter(figure_id__isnull=False)
        .order_by("-published_on", "pk")
        .values_list("figure_id", flat=True)[:limit]
    )
    wanted = list(newest)
    figures = Figure.objects.for_list().in_bulk(wanted)
    return [figures[pk] for pk in wanted]


def indicators_with_latest():
    """Every indicator with `latest` (its newest official total for the whole province, or None) and `figure_count`."""
    provincial = (
        Figure.objects.official()
        .of_all()
        .filter(_of_a_sum, indicator=OuterRef("pk"))
        # Today's province leads over older sums and those that do not say what they cover.
        .order_by(Case(When(territory__key=Territory.PROVINCE, then=0), default=1), "-as_of", "pk")
    )
    indicators = list(
        Indicator.objects.annotate(
            latest_id=Subquery(provincial.values("pk")[:1]), figure_count=Count("figures")
        ).order_by("position", "name")
    )
    figures = Figure.objects.for_list().in_bulk([row.latest_id for row in indicators if row.latest_id])
    for indicator in indicators:
        indicator.latest = figures.get(indicator.latest_id)  # type: ignore[attr-defined]
    return indicators
