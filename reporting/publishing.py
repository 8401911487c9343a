"""Approved reports become published figures, with the report as their source. What a person chose is never unseated."""

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from common.models import DataVersion
from figures.models import Figure, Source
from regions.models import Territory
from reporting.models import FormLine, ReportStep, Status

# Stands in the history of every figure that came or changed this way; so a person's choice can be told from ours.
APPROVED = gettext_noop("Report approved")
REVISED = gettext_noop("Report reopened")
SUPERSEDED = gettext_noop("Report approved again")
KEY = "laporan-"


def publish_figures(report, *, by):
    """Make figures of the values of a report that has just been approved. Call it inside the transaction of the step.

    Each approval is a source of its own, so that a figure that was published once is kept. The new figure becomes
    the office's where nothing else is, or where ours of an earlier approval was; where a person chose another, it
    stands beside that one and `conflicts` shows it.
    """
    source, territory = _source(report, by), _territory(report)
    values = list(report.values.filter(value__isnull=False).select_related("line__indicator"))
    as_of = report.period.ends_on
    there = Figure.objects.filter(
        territory=territory, group="", as_of=as_of, indicator__in=[value.line.indicator_id for value in values]
    ).select_related("source")
    chosen = {figure.indicator_id: figure for figure in there if figure.is_official}
    ours = _published_by(report, chosen.values())
    superseded, fresh = [], []
    for value in values:
        rival = chosen.get(value.line.indicator_id)
        if rival is not None and rival.pk in ours:
            superseded.append(rival)
            rival = None
        fresh.append(
            Figure(
                indicator=value.line.indicator,
                territory=territory,
                period_start=report.period.starts_on if _is_flow(value.line) else None,
                as_of=as_of,
                value=value.value,
                source=source,
                quality=Figure.Quality.OFFICIAL
                if rival is None
                else Figure.Quality.REPORTED
                if rival.value == value.value
                else Figure.Quality.CONFLICTING,
                is_official=rival is None,
                is_demo=report.is_demo,
            )
        )
    # What an earlier approval published and this one no longer says is not the office's any more either.
    said = {value.line.indicator_id for value in values}
    silent = list(
        Figure.objects.official()
        .filter(source__key__startswith=_prefix(report))
        .exclude(indicator__in=said)
        .select_related("source")
    )
    ours = _published_by(report, silent)
    superseded += [figure for figure in silent if figure.pk in ours]
    for figure in superseded:
        figure.is_official = False
    _save(superseded, by=by, reason=SUPERSEDED)
    bulk_create_with_history(fresh, Figure, default_user=by, default_change_reason=APPROVED)
    DataVersion.bump("figures")


def mark_revised(report, *, by, reason):
    """Mark what the last approval published as being revised; the figures stay until the next approval."""
    figures = list(Figure.objects.filter(source__key=_key(report, _approvals(report))))
    for figure in figures:
        figure.quality = Figure.Quality.REVISED
    _save(figures, by=by, reason=REVISED)
    DataVersion.bump("figures")


def conflicts(figures=None):
    """Reported figures beside which a person chose another as the office's, with another value; newest first."""
    chosen = Figure.objects.official().filter(
        indicator=OuterRef("indicator"),
        territory=OuterRef("territory"),
        group=OuterRef("group"),
        as_of=OuterRef("as_of"),
    )
    figures = Figure.objects.all() if figures is None else figures
    return (
        figures.filter(
            Exists(chosen.exclude(value=OuterRef("value"))),
            source__key__startswith=KEY,
            is_official=False,
            quality=Figure.Quality.CONFLICTING,
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


def _published_by(report, figures):
    """The keys of those that this report's approvals made the office's, and no person since."""
    keys = [figure.pk for figure in figures if figure.source.key.startswith(_prefix(report))]
    rows = Figure.history.filter(id__in=keys).order_by("history_date", "history_id")
    was, reasons = {}, {}
    for pk, is_official, reason in rows.values_list("id", "is_official", "history_change_reason"):
        # The newest row in which the mark was set tells who set it.
        if is_official and not was.get(pk):
            reasons[pk] = reason
        was[pk] = is_official
    return {pk for pk, reason in reasons.items() if reason == APPROVED}


def _prefix(report):
    return f"{KEY}{report.period.code}-{report.office_key}-"


def _key(report, number):
    return f"{_prefix(report)}{number}"


def _approvals(report):
    return ReportStep.objects.filter(report=report, to=Status.APPROVED).count()


def _source(report, by):
    source = Source(
        key=_key(report, _approvals(report)),
        title=gettext("Report %(period)s, %(office)s") % {"period": report.period, "office": report.office_name},
        publisher=report.office_name,
        published_on=timezone.localdate(report.approved_at, timezone.get_default_timezone()),
        date_precision="day",
        url=public_path(report),
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
