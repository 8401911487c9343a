"""The follow-up: what was agreed, who owes it until when, the steps that it took, and the evidence."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Case, CharField, F, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.dates import today
from common.models import Versioned
from common.pages import page_at
from common.text import fold, validate_clean, validate_public
from files.models import GuardedFile
from meetings.models.meeting import Meeting, Participation
from meetings.models.record import AgendaItem
from meetings.steps import OPEN, REPORT, Promise
from regions.models import Regency

# Where a follow-up stands by the clock, as everybody asks for it.
LATE = "late"
STATES = {
    Promise.OPEN.value: ("terbuka", _("Open, not yet due")),
    LATE: ("terlambat", _("Open, late")),
    Promise.DONE.value: ("selesai", Promise.DONE.label),
    Promise.DROPPED.value: ("dihentikan", Promise.DROPPED.label),
}


def validate_evidence_path(value):
    """A page of this portal: a path that begins with one slash and leads to a page."""
    parts = urlsplit(value)
    if not value.startswith("/") or value.startswith("//") or parts.netloc or "\\" in value:
        raise ValidationError(
            gettext("Give the address within this portal, beginning with a slash, for example /bantuan/12/."),
            code="invalid",
        )
    if page_at(value) is None:
        raise ValidationError(gettext("There is no such page in this portal."), code="invalid")


class FollowUpQuerySet(models.QuerySet):
    def in_force(self):
        return self.filter(meeting__voided_at=None)

    def public(self):
        """What the public may read: agreed publicly, at a meeting on record."""
        return self.in_force().filter(is_public=True)

    def visible_to(self, user):
        """The office sees all; an officer what the own regency or oneself owes, and what was agreed publicly there."""
        found = self.in_force()
        if user.regency_id:
            there = Participation.objects.filter(regency=user.regency_id).values("meeting")
            found = found.filter(Q(regency=user.regency_id) | Q(person=user.pk) | Q(is_public=True, meeting__in=there))
        return found

    def owed_by(self, user):
        """What this person is to see to: the own regency's, and the own; the office, all that is no regency's."""
        if user.regency_id:
            return self.filter(Q(regency=user.regency_id) | Q(person=user.pk))
        return self.filter(Q(person=user.pk) | Q(regency=None, person=None))

    def open(self):
        return self.filter(status__in=OPEN)

    def late(self, on=None):
        return self.open().filter(due_on__lt=on or today())

    def with_state(self, on=None):
        """Each with `state`, a key of STATES: what is owed and due before the day is late."""
        return self.annotate(
            state=Case(
                When(status__in=OPEN, due_on__lt=on or today(), then=Value(LATE)),
                When(status__in=OPEN, then=Value(Promise.OPEN.value)),
                default=F("status"),
                output_field=CharField(),
            )
        )

    def matching(self, text):
        found = self
        for word in fold(text).split():
            found = found.filter(search__contains=word)
        return found

    def for_list(self):
        return self.select_related("meeting__host", "meeting__round", "regency", "person").defer(
            "meeting__host__boundary", "meeting__minutes", "meeting__search", "regency__boundary", "search"
        )

    def by_due_day(self):
        return self.order_by("due_on", "pk")


class FollowUp(Versioned):
    """One agreement of a meeting (tindak lanjut): exactly one of regency, office unit or person owes it.

    A person is never named to the public, an agreement that is not public in no way shown to it.
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="follow_ups", verbose_name=_("meeting"))
    agenda_item = models.ForeignKey(
        AgendaItem, models.PROTECT, null=True, blank=True, related_name="follow_ups", verbose_name=_("agenda item")
    )
    text = models.TextField(_("what was agreed"), validators=[MaxLengthValidator(2000), validate_public])
    regency = models.ForeignKey(
        Regency, models.PROTECT, null=True, blank=True, related_name="follow_ups", verbose_name=_("regency")
    )
    unit = models.CharField(_("office unit"), max_length=120, blank=True, validators=[validate_clean, validate_public])
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="follow_ups",
        verbose_name=_("person"),
    )
    due_on = models.DateField(_("due on"))
    is_public = models.BooleanField(_("public"))
    status = models.CharField(_("status"), max_length=8, choices=Promise.choices, default=Promise.OPEN, editable=False)
    # The day on which it was done, as reported; kept once it is confirmed.
    done_on = models.DateField(_("done on"), null=True, editable=False)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("reported by"),
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("entered by"),
    )
    entry_key = models.UUIDField(null=True, unique=True, editable=False)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    search = models.TextField(default="", editable=False)

    objects = FollowUpQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["search"])

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        ordering = ["due_on", "pk"]
        permissions = [
            ("report_followup", _("Can report what became of a follow-up")),
            ("decide_followup", _("Can confirm, drop and reopen follow-ups")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Promise.values), name="follow_up_status_is_known"),
            models.CheckConstraint(
                condition=Q(regency__isnull=False, person=None, unit="")
                | Q(regency=None, person__isnull=False, unit="")
                | Q(regency=None, person=None) & ~Q(unit=""),
                name="follow_up_is_owed_by_one",
                violation_error_message=_("Name one who is responsible: a regency, a unit of the office or a person."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "dropped"]) | Q(done_on__isnull=False, reported_by__isnull=False),
                name="follow_up_done_was_reported",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], name="follow_up_owed", condition=Q(status__in=["open", "reported"])),
            models.Index(fields=["status", "due_on"], name="follow_up_status"),
        ]

    def __str__(self):
        return self.text if len(self.text) < 80 else f"{self.text[:77]}…"

    def get_absolute_url(self):
        return reverse("follow_up", args=[self.pk])

    def get_record_url(self):
        return reverse("follow_up_record", args=[self.pk])

    def complete(self):
        """Fill the folded words that it is found by. Reads the regency."""
        self.search = fold(" ".join([self.text, self.unit, self.regency.name if self.regency else ""]))

    @property
    def responsible(self):
        """Who owes it, as the office reads it."""
        return str(self.regency or self.person or self.unit)

    @property
    def public_responsible(self):
        """Who owes it, as everybody reads it: a person's office, never the name."""
        if self.regency_id:
            return self.regency.name
        return self.unit or settings.OFFICE_SHORT_NAME

    @property
    def is_open(self):
        return self.status in OPEN

    @property
    def days_late(self):
        """Days after the due day on which it was done, or by today where it is not; 0 where it is in time."""
        last = today() if self.is_open else self.done_on or self.due_on
        return max((last - self.due_on).days, 0)

    @property
    def days_left(self):
        return (self.due_on - today()).days if self.is_open else None

    @property
    def badge(self):
        if self.status == Promise.DONE:
            return "ok"
        if self.status == Promise.DROPPED:
            return ""
        return "bad" if self.days_late else "way"

    @property
    def state_words(self):
        """Where it stands, as everybody reads it."""
        if self.is_open:
            return gettext("late") if self.days_late else gettext("open")
        return self.get_status_display()

    def may_report(self, user):
        """Whether this person may say what became of it: who owes it, and the office on anybody's behalf."""
        if not user.has_perm(REPORT):
            return False
        return not user.regency_id or self.regency_id == user.regency_id or self.person_id == user.pk


class FollowUpStep(models.Model):
    """One step or note of progress (`was` equals `to`). Written once; `meeting` where it was taken at one."""

    follow_up = models.ForeignKey(FollowUp, models.PROTECT, related_name="steps", verbose_name=_("follow-up"))
    was = models.CharField(_("before"), max_length=8, choices=Promise.choices, blank=True)
    to = models.CharField(_("status"), max_length=8, choices=Promise.choices)
    done_on = models.DateField(_("done on"), null=True)
    # What the public may read of it is only the reason for dropping; forms say so.
    note = models.TextField(_("note"), blank=True)
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, related_name="follow_up_steps", verbose_name=_("taken at the meeting")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    made_at = models.DateTimeField(_("made at"), default=timezone.now)

    class Meta:
        verbose_name = _("step of a follow-up")
        verbose_name_plural = _("steps of follow-ups")
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(to__in=Promise.values), name="follow_up_step_leads_to_a_known_status"),
            models.CheckConstraint(
                condition=~Q(to="dropped") | ~Q(note=""),
                name="follow_up_dropped_says_why",
                violation_error_message=_("Say why, in a few words."),
            ),
        ]

    def __str__(self):
        return f"{self.was} → {self.to}"

    @property
    def is_progress(self):
        return self.was == self.to


class Evidence(models.Model):
    """What shows that a follow-up was done or goes on: a file, never public, or an address within the portal."""

    follow_up = models.ForeignKey(FollowUp, models.PROTECT, related_name="evidence", verbose_name=_("follow-up"))
    step = models.ForeignKey(
        FollowUpStep, models.PROTECT, related_name="evidence", verbose_name=_("step of a follow-up")
    )
    path = models.CharField(
        _("address within the portal"), max_length=300, blank=True, validators=[validate_evidence_path]
    )
    file = models.ForeignKey(GuardedFile, models.PROTECT, null=True, related_name="+", verbose_name=_("file"))

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(file=None) & ~Q(path="") | Q(file__isnull=False, path=""),
                name="evidence_is_file_or_address",
            )
        ]

    def __str__(self):
        return self.path or str(self.file_id)

    @property
    def is_public_page(self):
        """Whether its address is a page that everybody may open."""
        found = page_at(self.path) if self.path else None
        return found is not None and getattr(found.func, "is_public_page", False)
