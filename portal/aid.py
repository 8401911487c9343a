"""The aid that one cooperative or one regency received, for its own page; only what the public may read."""

from dataclasses import dataclass

from django.db.models import Count, Sum
from django.urls import reverse

from assistance.models import Package

SHOWN = 10


@dataclass(frozen=True)
class Received:
    """The newest packages, how many there are in all, what they are worth as far as known, and where all stand."""

    packages: list
    count: int
    value: int
    value_unknown: int
    url: str

    @property
    def more(self):
        return self.count - len(self.packages)


def received_by(cooperative):
    """What a cooperative received: one query; it is never so many that they could not be read at once."""
    found = list(Package.objects.public().of_cooperative(cooperative).for_list().newest_first())
    known = [one.realised_amount for one in found if one.realised_amount is not None]
    return Received(found[:SHOWN], len(found), sum(known), len(found) - len(known), reverse("assistance"))


def received_in(regency):
    """What went to a regency: the sums of the public list, and its newest packages."""
    found = Package.objects.public().filter(regency=regency)
    sums = found.aggregate(all=Count("pk"), value=Sum("realised_amount"), known=Count("realised_amount"))
    packages = list(found.for_list().newest_first()[:SHOWN]) if sums["all"] else []
    url = f"{reverse('assistance')}?wilayah={regency.slug}"
    return Received(packages, sums["all"], sums["value"] or 0, sums["all"] - sums["known"], url)
