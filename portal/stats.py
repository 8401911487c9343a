"""Numbers as pages lead with them: what a number is called, what it covers, its date and its source."""

from dataclasses import dataclass

from progress import shown


@dataclass(frozen=True)
class Stat:
    """The arguments of the template tag `stat`."""

    label: str
    value: int | None
    unit: str = ""
    meta: str = ""
    source_label: str = ""
    source_url: str = ""
    url: str = ""


def of_figure(figure, label, meta=""):
    """A published figure with its date and source."""
    return Stat(label, figure.value, figure.indicator.unit, meta, figure.citation, figure.source.url)


def way_to_target(share):
    """What it would take to reach the target, in words; empty where it is reached."""
    if share.is_reached or not share.whole:
        return ""
    return shown.way_to_target(share.more_needed, share.fewer_needed)
