"""Approved reports become published figures, with the report as their source. What a person chose is never unseated."""

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from common.dates import day_of
from common.models import DataVersion, StepRefused
from figures.models import OF_REPORTS, Figure, Source
from regions.models import Territory
from reporting.models import FormLine, ReportStep, Status

# Stands in the history of every figure that came or changed this way; so a person's choice can be told from ours.
APPROVED = gettext_noop("Report approved")
REVISED = gettext_noop("Report reopened")
SUPERSEDED = gettext_noop("Report approved again")
OURS = {APPROVED, REVISED, SUPERSEDED}
KEY = OF_REPORTS


def publish_figures(report, *, by):
    """Make figures of the values of a report that has just been approved. Call it inside the transaction of the step.

    Each approval is a source of its own, so that a figure that was published once is kept. The new figure becomes
    the office's where nothing else is, or where ours of an earlier approval was; where a person chose another, it
    stands beside that one and `conflicts` shows it. Where a person took the mark from ours, it stays taken.
    Raises StepRefused where the key of its source is another's.
    """
    earlier = _keys_of(report, _approvals(report) - 1)
    source, territory = _source(report, by), _territory(report)
    values = list(report.values.filter(value__isnull=False).select_related("line__indicator"))
    as_of = report.period.ends_on
    there = Figure.objects.filter(
        territory=territory, group="", as_of=as_of, indicator__in=[value.line.indicator_id for value in values]
    ).select_related("source")
    chosen = {figure.indicator_id: figure for figure in there if figure.is_official}
    before = list(Figure.objects.filter(source__key__in=earlier, source__is_of_report=True))
    ours, withdrawn = _marked_by_us(before), _withdrawn(before)
    superseded, fresh = [], []
    for value in values:
        rival = chosen.get(value.line.indicator_id)
        if rival is not None and rival.pk in ours:
            superseded.append(rival)
            rival = None
        is_official = rival is None and value.line.indicator_id not in withdrawn
        fresh.append(
            Figure(
                indicator=value.line.indicator,
                territory=territory,
                period_start=report.period.starts_on if _is_flow(value.line) else None,
                as_of=as_of,
                value=value.value,
                source=source,
                quality=_quality(value.value, rival, is_official),
                is_official=is_official,
                is_demo=report.is_demo,
            )
        )
    # What an earlier approval published and this one no longer says is not the office's any more either.
    said = {value.line.indicator_id for value in values}
    superseded += [figure for figure in before if figure.pk in ours and figure.indicator_id not in said]
    for figure in superseded:
        figure.is_official = False
    _save(superseded, by=by, reason=SUPERSEDED)
    bulk_create_with_history(fresh, Figure, default_user=by, default_change_reason=APPROVED)
    DataVersion.bump("figures")


def _quality(value, rival, is_official):
    """How a new figure stands: beside `rival`, which is the office's, or alone."""
    if is_official:
        return Figure.Quality.OFFICIAL
    if rival is None or rival.value == value:
        return Figure.Quality.REPORTED
    return Figure.Quality.CONFLICTING


def mark_revised(report, *, by, reason):
    """Mark what the last approval published as being revised; the figures stay until the next approval."""
    key = _key(report, _approvals(report))
    figures = list(Figure.objects.filter(source__key=key, source__is_of_report=True))
    for figure in figures:
        figure.quality = Figure.Quality.REVISED
    _save(figures, by=by, reason=REVISED)
    DataVersion.bump("figures")


def conflicts(figures=None):
    """Reported figures beside which another, with another value, is the office's; newest first.

    Those of each report's last approval, also while it is being revised: their quality tells only one of the two.
    """
    chosen = Figure.objects.official().filter(
        indicator=OuterRef("indicator"),
        territory=OuterRef("territory"),
        group=OuterRef("group"),
        as_of=OuterRef("as_of"),
    )
    # Each approval is a source of its own, all of one report with the same page.
    newer = Source.objects.filter(is_of_report=True, url=OuterRef("source__url"), pk__gt=OuterRef("source"))
    figures = Figure.objects.all() if figures is None else figures
    return (
        figures.filter(
            Exists(chosen.exclude(value=OuterRef("value"))),
            ~Exists(newer),
            source__is_of_report=True,
            is_official=False,
        )
        .for_list()
        .order_by("-as_of", "pk")
    )


def _is_flow(line):
    return line.register_key in {FormLine.Register.NEW, FormLine.Register.DISSOLVED}


def _save(figures, *, by, reason):
    for figure in figures:
        figure.version += 1
    if figures:
        bulk_update_with_history(
            figures,
            Figure,
            ["is_official", "quality", "version"],
            default_user=by,
            default_change_reason=reason,
        )


def _marks(figures):
    """`(figure's key, mark, reason)` of every row of history in which the office's mark came or went, oldest first."""
    was: dict = {}
    rows = Figure.history.filter(id__in=[figure.pk for figure in figures]).order_by("history_date", "history_id")
    for pk, is_official, reason in rows.values_list("id", "is_official", "history_change_reason"):
        if is_official != was.get(pk, False):
            yield pk, is_official, reason
        was[pk] = is_official


def _marked_by_us(figures):
    """The keys of those that are the office's because an approval made them so, and no person since."""
    marked = {pk: reason for pk, is_official, reason in _marks(figures) if is_official}
    return {figure.pk for figure in figures if figure.is_official and marked.get(figure.pk) == APPROVED}


def _withdrawn(figures):
    """The indicators whose mark a person took from a figure of this report, and no person gave back to one since."""
    indicators = {figure.pk: figure.indicator_id for figure in figures}
    found = {indicators[pk]: is_official for pk, is_official, reason in _marks(figures) if reason not in OURS}
    return {indicator for indicator, is_official in found.items() if not is_official}


def _key(report, number):
    return f"{KEY}{report.period.code}-{report.office_key}-{number}"


def _keys_of(report, approvals):
    """The keys of the sources that so many first approvals became."""
    return [_key(report, number) for number in range(1, approvals + 1)]


def _approvals(report):
    return ReportStep.objects.filter(report=report, to=Status.APPROVED).count()


def _source(report, by):
    key = _key(report, _approvals(report))
    # Such keys are reserved; one that is older than this rule is told, so that somebody can give it another.
    if taken := Source.objects.filter(key=key).first():
        text = gettext(
            "The key %(key)s of the source “%(title)s” is needed for this report. Give it another, then approve."
        )
        raise StepRefused(text % {"key": key, "title": taken.title})
    source = Source(
        key=key,
        title=gettext("Report %(period)s, %(office)s") % {"period": report.period, "office": report.office_name},
        publisher=report.office_name,
        published_on=day_of(report.approved_at),
        date_precision="day",
        url=public_path(report),
        is_of_report=True,
        is_demo=report.is_demo,
    )
    source._history_user, source._change_reason = by, APPROVED  # type: ignore[attr-defined]
    source.save()
    return source


def public_path(report):
    """The page on which everybody can read an approved report."""
    return reverse("public_report", args=[report.period.code, report.office_key])


def _territory(report):
    """The regency's territory, or the province's own section; made where staff removed it."""
    if report.regency_id:
        found = Territory.objects.filter(regency=report.regency_id).first()
        return found or Territory.objects.create(
            key=report.regency.slug, name=report.regency.name, regency=report.regency
        )
    found, _created = Territory.objects.get_or_create(
        key=Territory.OWN_SECTION, defaults={"name": gettext("Cooperatives of the province's own section")}
    )
    return found
