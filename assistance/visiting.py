"""Monitoring visits: what a phone sends becomes one visit, however often it arrives, and its photographs are looked at.

What is odd about a photograph is a mark that people see, never a refusal: a camera's clock may be wrong, and the same
picture may rightly stand for two units.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, DateField, F, IntegerField, Min, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from assistance.models import SUBJECT, Holding, Package, State, Unit, Visit, VisitPhoto
from assistance.models.unit import next_visit
from assistance.procedure import write
from common.dates import day_of, format_date, format_moment, today
from common.models import DataVersion, StepRefused
from files.models import GuardedFile

MOST_PHOTOS = 6
# A photograph belongs to the visit's time if it was taken on the day of the visit, the day before or the day after, in
# WITA: cameras write the time of the place they were set for, and a visit may end after midnight.
DAYS_AROUND = timedelta(days=1)


@dataclass(frozen=True)
class Photo:
    """A photograph that was received, and what the device said of the picture that it made smaller."""

    file: GuardedFile
    taken_at: datetime | None = None
    original_sha256: str = ""


# What is due -----------------------------------------------------------------------------------------


def due_packages(packages, on=None):
    """Those with a visit due by a day, the longest due first, with `due_on` and `due_count` (units; 0 without any)."""
    day = on or today()
    units = Unit.objects.visit_due(day)
    found = with_due(packages, day).filter(Q(next_visit_on__lte=day) | Q(pk__in=units.order_by().values("package")))
    return found.order_by("due_on", "pk")


def with_due(packages, on=None):
    """Each with the day since when a visit is due (None where none is) and the number of its units that wait."""
    waiting = Unit.objects.visit_due(on).filter(package=OuterRef("pk")).order_by().values("package")
    first, count = waiting.annotate(value=Min("next_visit_on")), waiting.annotate(value=Count("pk"))
    return packages.annotate(
        due_on=Coalesce(Subquery(first.values("value"), output_field=DateField()), F("next_visit_on")),
        due_count=Coalesce(Subquery(count.values("value"), output_field=IntegerField()), 0),
    )


def visitable(package):
    """The units of a package that can be visited, those due first: handed over and not withdrawn."""
    units = package.units.handed_over().exclude(state=State.WITHDRAWN)
    return units.order_by(F("next_visit_on").asc(nulls_last=True), "pk").prefetch_related(
        Prefetch("holdings", Holding.objects.filter(until=None))
    )


# Recording -------------------------------------------------------------------------------------------


def received(key, *, package, by):
    """The visit that came with this key before, or None. Raises StepRefused where the key is somebody else's."""
    found = Visit.objects.filter(key=key).first()
    if found and (found.by_id != by.pk or found.package_id != package.pk):
        raise StepRefused(gettext("This entry bears the key of another one. Open the page again and enter it anew."))
    return found


def record_visit(package, *, key, by, visited_on, unit=None, photos=(), **seen):
    """Write a visit once: `(visit, is_new)`. `seen` are the other fields of a Visit; `unit` one of the package's.

    Receive the photographs first (files.receiving); they are `Photo`s. Raises StepRefused, and nothing is written then.
    """
    if found := received(key, package=package, by=by):
        return found, False
    try:
        return _record(package, key=key, by=by, visited_on=visited_on, unit=unit, photos=photos, **seen), True
    except IntegrityError:
        # The same visit arrived twice in this very moment.
        if found := received(key, package=package, by=by):
            return found, False
        raise


@transaction.atomic
def _record(package, *, key, by, visited_on, unit, photos, **seen):
    # Two visits to one thing come one after the other; without the lock the second would be told to come again.
    package = Package.objects.select_for_update(of=("self",)).select_related("kind", "recipient").get(pk=package.pk)
    visit = Visit.objects.create(key=key, package=package, unit=unit, visited_on=visited_on, by=by, **seen)
    _refuse_day(visited_on)
    if unit is None:
        _observe_package(package, visit)
    else:
        _observe_unit(package, visit)
    for photo in photos:
        _add(visit, photo)
    return visit


def _refuse_day(day):
    if day > today():
        raise StepRefused(gettext("%(day)s lies in the future.") % {"day": format_date(day)})


def _observe_unit(package, visit):
    unit = package.units.select_for_update(of=("self",)).select_related("package__kind").get(pk=visit.unit_id)
    if State.WITHDRAWN in (unit.state, unit.package.stage):
        raise StepRefused(gettext("This unit was withdrawn; nobody visits it any more."))
    unit.place = visit.place or unit.place
    unit.observe(
        state=visit.state,
        on=visit.visited_on,
        by=visit.by,
        basis=gettext("Visit of %(day)s") % {"day": format_date(visit.visited_on)},
        condition=visit.condition,
        holding=_new_holding(package, unit, visit),
        is_seen=visit.is_seen,
    )


def _new_holding(package, unit, visit):
    """The row of another holder than the one on record, or None."""
    if not visit.holder:
        return None
    now = unit.holding
    if now and (now.holder, now.name) == (visit.holder, visit.holder_name):
        return None
    is_recipient = visit.holder == Holding.Holder.RECIPIENT
    return Holding(
        holder=visit.holder,
        name="" if is_recipient else visit.holder_name,
        cooperative_id=package.recipient.cooperative_id if is_recipient and package.recipient_id else None,
    )


def _observe_package(package, visit):
    """Aid without units: the package itself bears the days. An older day than the last changes nothing of them."""
    if package.units.exists():
        raise StepRefused(gettext("Choose the unit that was visited."))
    if not package.is_delivered:
        raise StepRefused(gettext("This aid was not handed over yet."))
    if package.handed_over_on and visit.visited_on < package.handed_over_on:
        raise StepRefused(gettext("The day lies between the handover and today."))
    if package.last_seen_on and visit.visited_on < package.last_seen_on:
        return
    package.claim(package.version)
    if visit.is_seen:
        package.last_seen_on = visit.visited_on
    package.next_visit_on = next_visit(package.handed_over_on, package.last_seen_on, package.kind.visits_after)
    write(package, ["version", "last_seen_on", "next_visit_on"], by=visit.by, reason=gettext("Visit"))
    DataVersion.bump(SUBJECT)


# Photographs -----------------------------------------------------------------------------------------


def _add(visit, photo):
    """Keep a photograph with what is odd about it. The camera's own time comes before what the device says."""
    taken_at = photo.file.taken_at or photo.taken_at
    first = _first_use({photo.original_sha256, photo.file.source_sha256} - {""})
    return VisitPhoto.objects.create(
        visit=visit,
        file=photo.file,
        taken_at=taken_at,
        is_by_device=photo.file.taken_at is None and taken_at is not None,
        original_sha256=photo.original_sha256 or photo.file.source_sha256,
        is_repeated=first is not None,
        repeats=first,
        is_off_time=taken_at is not None and abs(day_of(taken_at) - visit.visited_on) > DAYS_AROUND,
    )


def _first_use(hashes):
    """The first photograph that bears one of these fingerprints, of any package."""
    same = Q(original_sha256__in=hashes) | Q(file__source_sha256__in=hashes)
    return VisitPhoto.objects.filter(same).order_by("pk").first() if hashes else None


def visits_of(package):
    """The visits of a package with all that `assistance/_visits.html` shows of them, the newest first."""
    photos = VisitPhoto.objects.select_related("file", "repeats__visit__unit")
    return package.visits.select_related("unit", "by").prefetch_related(Prefetch("photos", photos))


def marks_of(photo, visible):
    """What is odd about a photograph, in sentences; `visible` are the packages that the reader may see.

    Where a picture was used before stands there only for whom may see that package.
    """
    found = []
    if photo.is_repeated:
        earlier = photo.repeats.visit
        if earlier.package_id in visible:
            words = {"package": earlier.package_id, "unit": earlier.unit or "–", "day": format_date(earlier.visited_on)}
            found.append(gettext("Used before: package %(package)s, unit %(unit)s, visit of %(day)s.") % words)
        else:
            found.append(gettext("Used before, for aid in another regency."))
    if photo.is_off_time:
        words = {"moment": format_moment(photo.taken_at), "day": format_date(photo.visit.visited_on)}
        found.append(gettext("Taken %(moment)s, outside the visit of %(day)s.") % words)
    return found


def with_marks(visits, user):
    """`[(visit, [(photograph, sentences)])]`, with one query for the packages that the photographs lead to."""
    visits = list(visits)
    shown = [(visit, list(visit.photos.all())) for visit in visits]
    earlier = {photo.repeats.visit.package_id for _visit, photos in shown for photo in photos if photo.repeats_id}
    visible = set(Package.objects.visible_to(user).filter(pk__in=earlier).values_list("pk", flat=True))
    return [(visit, [(photo, marks_of(photo, visible)) for photo in photos]) for visit, photos in shown]
