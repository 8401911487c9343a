"""Units: every thing that was given, who holds it, and who held it before."""

import re
import secrets
from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from assistance.models.package import Package
from assistance.models.programme import MOST
from assistance.models.recipient import initials
from common.dates import format_date, today
from common.models import DataVersion, StepRefused, Versioned
from common.text import validate_clean, validate_public
from cooperatives.models import Cooperative

# Digits and letters that nobody takes for one another: no 0, O, 1, I, L, U.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPS, GROUP = 3, 4
# A visit so long before its day is that visit, and not one more.
EARLY = timedelta(days=30)
IDENTIFIERS = ("frame_number", "engine_number", "plate_number", "serial_number")


def one_spelling(name, number):
    """A number as it is kept, however it was typed: capitals without spaces and signs; a plate in its three parts."""
    signs = re.sub(r"[^0-9A-Z]", "", number.upper())
    if name == "plate_number":
        return " ".join(re.findall(r"[A-Z]+|[0-9]+", signs))
    return signs


def new_code():
    """A code that cannot be guessed: 12 of 30 signs by chance, 58 bits, in groups that can be read aloud."""
    signs = [secrets.choice(ALPHABET) for _sign in range(GROUPS * GROUP)]
    return "-".join("".join(signs[at : at + GROUP]) for at in range(0, GROUPS * GROUP, GROUP))


def read_code(typed):
    """The code as it is stored, however it was typed; "" for what is none."""
    signs = [sign for sign in typed.upper()[:60] if sign.isalnum()]
    if len(signs) != GROUPS * GROUP or not set(signs) <= set(ALPHABET):
        return ""
    return "-".join("".join(signs[at : at + GROUP]) for at in range(0, GROUPS * GROUP, GROUP))


class State(models.TextChoices):
    IN_USE = "in_use", _("In use")
    IDLE = "idle", _("Idle")
    BROKEN = "broken", _("Broken")
    UNDER_REPAIR = "under_repair", _("Under repair")
    TRANSFERRED = "transferred", _("Handed on")
    SOLD = "sold", _("Sold")
    LOST = "lost", _("Lost")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Condition(models.TextChoices):
    GOOD = "good", _("Good")
    FAIR = "fair", _("Fair")
    LIGHT = "light", _("Lightly damaged")
    HEAVY = "heavy", _("Heavily damaged")


# No longer in anybody's use.
GONE = frozenset({State.SOLD, State.LOST, State.WITHDRAWN})


class UnitQuerySet(models.QuerySet):
    def visible_to(self, user):
        """An officer sees those of packages of the own regency, the office all."""
        return self.filter(package__in=Package.objects.visible_to(user))

    def handed_over(self):
        """Those that a confirmed handover gave away: what the public may know of."""
        return self.filter(is_delivered=True)

    def held(self):
        """Handed over and still somewhere: neither sold, lost nor withdrawn."""
        return self.handed_over().exclude(state__in=GONE)

    def blocking(self, cooperative):
        """Those that stand in the way of dissolving the cooperative: it holds them."""
        return self.held().filter(holder_cooperative=cooperative)

    def verified_since(self, day):
        return self.handed_over().filter(last_seen_on__gte=day)

    def visit_due(self, on=None):
        return self.held().filter(next_visit_on__lte=on or today())


class Unit(Versioned):
    """One thing of a package, with its own code. Numbers of frame, engine and plate are never public."""

    package = models.ForeignKey(Package, models.PROTECT, related_name="units", verbose_name=_("aid package"))
    code = models.CharField(_("unit code"), max_length=14, unique=True, default=new_code, editable=False)
    maker = models.CharField(_("maker"), max_length=80, blank=True, validators=[validate_clean, validate_public])
    type = models.CharField(_("type"), max_length=80, blank=True, validators=[validate_clean, validate_public])
    year = models.PositiveSmallIntegerField(
        _("year made"), null=True, blank=True, validators=[MinValueValidator(1950), MaxValueValidator(2100)]
    )
    frame_number = models.CharField(_("frame number"), max_length=40, blank=True, validators=[validate_clean])
    engine_number = models.CharField(_("engine number"), max_length=40, blank=True, validators=[validate_clean])
    plate_number = models.CharField(_("plate number"), max_length=15, blank=True, validators=[validate_clean])
    serial_number = models.CharField(_("serial number"), max_length=60, blank=True, validators=[validate_clean])
    repeat_reason = models.CharField(
        _("why a number is used again"), max_length=300, blank=True, validators=[validate_clean]
    )
    price = models.BigIntegerField(
        _("price"), null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(MOST)]
    )
    state = models.CharField(_("state"), max_length=12, choices=State.choices, blank=True, editable=False)
    condition = models.CharField(_("condition"), max_length=6, choices=Condition.choices, blank=True, editable=False)
    # Today's holder where it is a cooperative of the register: what stands in the way of dissolving it.
    holder_cooperative = models.ForeignKey(
        Cooperative, models.PROTECT, null=True, editable=False, related_name="held_units", verbose_name=_("holder")
    )
    place = models.CharField(_("place (private)"), max_length=200, blank=True, validators=[validate_clean])
    handover = models.ForeignKey(
        "assistance.Handover",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="units",
        verbose_name=_("handover"),
    )
    is_delivered = models.BooleanField(_("was handed over"), default=False, editable=False)
    # Not known for some old aid.
    handed_on = models.DateField(_("handed over on"), null=True, editable=False)
    last_seen_on = models.DateField(_("last verified on"), null=True, editable=False)
    next_visit_on = models.DateField(_("next visit due on"), null=True, editable=False)

    objects = UnitQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["next_visit_on"])

    class Meta:
        verbose_name = _("aid unit")
        verbose_name_plural = _("aid units")
        ordering = ["package_id", "pk"]
        constraints = [
            *(
                models.UniqueConstraint(
                    fields=[name],
                    condition=~Q(**{name: ""}) & Q(repeat_reason=""),
                    name=f"unit_{name}_is_its_own",
                    violation_error_message=_(
                        "Another unit bears this number. Correct it, or say why it is used again."
                    ),
                )
                for name in IDENTIFIERS
            ),
            models.CheckConstraint(
                condition=Q(is_delivered=False) | ~Q(state=""), name="unit_handed_over_has_its_state"
            ),
        ]
        indexes = [
            models.Index(fields=["last_seen_on"], name="unit_seen", condition=Q(is_delivered=True)),
            models.Index(fields=["next_visit_on"], name="unit_visit_due", condition=Q(next_visit_on__isnull=False)),
            models.Index(fields=["state"], name="unit_state", condition=Q(is_delivered=True)),
            *(models.Index(fields=[name], name=f"unit_{name}", condition=~Q(**{name: ""})) for name in IDENTIFIERS),
        ]

    def __str__(self):
        return self.code

    def get_absolute_url(self):
        return reverse("aid_unit", args=[self.code])

    @property
    def badge(self):
        """The kind of badge that its state wears."""
        return {State.IN_USE: "ok", State.IDLE: "way", State.UNDER_REPAIR: "way", State.TRANSFERRED: "way"}.get(
            State(self.state), "bad"
        )

    @property
    def is_gone(self):
        return self.state in GONE

    @property
    def holding(self):
        """Who holds it now, or None; one query, or none where `holdings` are at hand."""
        return next((one for one in self.holdings.all() if one.until is None), None)

    @property
    def numbers(self):
        """`[(what it is, number)]` of those that are filled in. Never public."""
        found = [(self._meta.get_field(name).verbose_name, getattr(self, name)) for name in IDENTIFIERS]
        return [(label, number) for label, number in found if number]

    @property
    def missing_identifiers(self):
        """The numbers that its kind needs and that are not filled in. Reads package and kind."""
        kind = self.package.kind
        wanted = [
            name
            for name in ("frame_number", "engine_number", "plate_number")
            if getattr(kind, f"has_{name}") and not getattr(self, name)
        ]
        return [str(Unit._meta.get_field(name).verbose_name) for name in wanted]

    # -- Verbs ---------------------------------------------------------------------------------------

    @transaction.atomic
    def observe(self, *, state, on, by, basis, condition="", holding=None, is_seen=True):
        """Take down how it was found on a day; `holding` (unsaved) where somebody else holds it than on record.

        An older day than the last one is kept as a visit, yet changes nothing of today's state. Raises StepRefused or
        ChangedMeanwhile.
        """
        if not self.is_delivered:
            raise StepRefused(gettext("This unit was not handed over yet."))
        if on > today() or (self.handed_on and on < self.handed_on):
            raise StepRefused(gettext("The day lies between the handover and today."))
        if self.last_seen_on and on < self.last_seen_on:
            return
        is_seen = is_seen and state != State.LOST
        if not is_seen and state == State.IN_USE:
            raise StepRefused(gettext("What was not seen is not known to be in use. Choose another state."))
        self.claim(self.version)
        self.state = state
        if is_seen:
            self.condition = condition or self.condition
            self.last_seen_on = on
        if holding is not None and not self.holdings.filter(until=None, since__gt=on).exists():
            self.hand_to(holding, on=on, by=by, basis=basis)
        self.next_visit_on = None if self.is_gone else self.visit_after(self.last_seen_on)
        self._history_user, self._change_reason = by, basis[:100]
        self.save()
        DataVersion.bump("aid")

    def hand_to(self, holding, *, on, by, basis):
        """Close the open row of holders and begin the next; the unit is saved by the caller.

        Raises StepRefused for a day before the last change of holder.
        """
        if self.holdings.filter(until=None, since__gt=on).exists():
            raise StepRefused(gettext("The holder changed after %(day)s. Check the date.") % {"day": format_date(on)})
        # bare update: the rows of holders are the history.
        self.holdings.filter(until=None).update(until=on)
        holding.unit, holding.since, holding.basis, holding.by = self, on, basis[:200], by
        holding.save()
        self.holder_cooperative_id = holding.cooperative_id

    def visit_after(self, last):
        """The day of the next scheduled visit, given the last one."""
        return next_visit(self.handed_on, last, self.package.kind.visits_after)


def due_days(handed_on, months):
    """The days on which visits are scheduled, ascending; none where the day of the handover is not known."""
    return [months_after(handed_on, each) for each in months] if handed_on else []


def next_visit(handed_on, last, months):
    """The first scheduled day that no visit met yet: one meets all days before it, and one that it came early for."""
    return next((due for due in due_days(handed_on, months) if last is None or last < due - EARLY), None)


def visits_met(handed_on, months, days):
    """How many of the scheduled visits took place: for each, one of the `days` lies between it and the one after it."""
    due = [day - EARLY for day in due_days(handed_on, months)]
    return sum(
        any(begin <= day and (end is None or day < end) for day in days)
        for begin, end in zip(due, [*due[1:], None], strict=True)
    )


def months_after(day, months):
    """The same day so many months later, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in (day.day, 30, 29, 28):
        try:
            return day.replace(year=year, month=month + 1, day=number)
        except ValueError:
            continue
    raise AssertionError(day)


class Holding(models.Model):
    """Who held a unit from when until when (exclusive). One open row a unit; older ones are its history."""

    class Holder(models.TextChoices):
        RECIPIENT = "recipient", _("Recipient")
        GROUP = "group", _("Group or business")
        PERSON = "person", _("Person")
        WORKSHOP = "workshop", _("Workshop")
        OFFICE = "office", _("Office")
        UNKNOWN = "unknown", _("Not known")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="holdings", verbose_name=_("aid unit"))
    holder = models.CharField(_("holder"), max_length=9, choices=Holder.choices)
    name = models.CharField(_("name of the holder"), max_length=200, blank=True, validators=[validate_clean])
    cooperative = models.ForeignKey(
        Cooperative, models.PROTECT, null=True, related_name="+", verbose_name=_("cooperative")
    )
    since = models.DateField(_("since"), null=True)
    until = models.DateField(_("until"), null=True)
    basis = models.CharField(_("basis"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    recorded_at = models.DateTimeField(_("recorded at"), default=timezone.now)

    class Meta:
        verbose_name = _("holder of a unit")
        verbose_name_plural = _("holders of units")
        ordering = [F("since").asc(nulls_first=True), "pk"]
        constraints = [
            models.UniqueConstraint(fields=["unit"], condition=Q(until=None), name="unit_has_one_holder_now"),
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")), name="holder_ends_after_it_begins"
            ),
        ]
        indexes = [models.Index(fields=["holder"], name="holder_now", condition=Q(until=None))]

    def __str__(self):
        return self.get_holder_display()

    @property
    def public_name(self):
        """What everybody may read: a person by initials, the others by name."""
        if self.holder == self.Holder.PERSON:
            return initials(self.name)
        if self.holder in {self.Holder.GROUP, self.Holder.WORKSHOP} and self.name:
            return self.name
        return str(self.get_holder_display())
