"""The meeting, the regencies that take part, and the steps that it took."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.dates import EARLIEST, format_date, today
from common.models import Versioned
from common.text import fold, validate_clean, validate_public
from figures.models import Source
from meetings.models.round import Round
from meetings.steps import Status
from regions.models import Regency

# What publicly visible changes of meetings and follow-ups bump.
SUBJECT = "meetings"


class MeetingQuerySet(models.QuerySet):
    def in_force(self):
        """All that count: wrong entries that were taken out are left aside."""
        return self.filter(voided_at=None)

    def public(self):
        """What the public may read: every meeting on record, by its public fields."""
        return self.in_force()

    def visible_to(self, user):
        """An officer sees those that the own regency takes part in, the office all."""
        found = self.in_force()
        if user.regency_id:
            found = found.filter(pk__in=Participation.objects.filter(regency=user.regency_id).values("meeting"))
        return found

    def with_regency(self, *regencies):
        return self.filter(pk__in=Participation.objects.filter(regency__in=regencies).values("meeting"))

    def upcoming(self):
        """Planned for a day that is still to come, the next one first."""
        return self.filter(status=Status.PLANNED, starts_on__gte=today()).order_by("starts_on", "start_time", "pk")

    def matching(self, text):
        """Those whose title, place, round or regencies hold every word of the text."""
        found = self
        for word in fold(text).split():
            found = found.filter(search__contains=word)
        return found

    def refresh_search(self):
        """Fold the search words anew, after a name that they hold was changed elsewhere."""
        meetings: Any = list(self.select_related("round", "host").defer("host__boundary").prefetch_related("regencies"))
        for meeting in meetings:
            meeting.make_search(meeting.regencies.all())
        # bare update: derived words, which no history keeps.
        Meeting.objects.bulk_update(meetings, ["search"], batch_size=500)

    def newest_first(self):
        return self.order_by("-listed_on", "-pk")

    def for_list(self):
        return self.select_related("round", "host", "source").defer("host__boundary", "host__note", "minutes", "search")


class Meeting(Versioned):
    """One coordination meeting. Days and times are WITA; old ones may lack them, then `source` says who told of it.

    Public are title, place, day, summary and what was agreed publicly; never chair, invitation, minutes, agenda,
    attendance.
    """

    title = models.CharField(_("title"), max_length=200, validators=[validate_clean, validate_public])
    round = models.ForeignKey(
        Round, models.PROTECT, null=True, blank=True, related_name="meetings", verbose_name=_("round of meetings")
    )
    host = models.ForeignKey(Regency, models.PROTECT, related_name="hosted_meetings", verbose_name=_("host regency"))
    place = models.CharField(
        _("place"),
        max_length=160,
        blank=True,
        validators=[validate_clean, validate_public],
        help_text=_("Public: building and town; never the address of a home."),
    )
    starts_on = models.DateField(_("day"), null=True, blank=True)
    start_time = models.TimeField(_("begins at (WITA)"), null=True, blank=True)
    ends_on = models.DateField(
        _("last day"), null=True, blank=True, help_text=_("Only where it takes more than one day.")
    )
    end_time = models.TimeField(_("ends at (WITA)"), null=True, blank=True)
    chair = models.CharField(_("chair"), max_length=120, blank=True, validators=[validate_clean])
    # Folded, so that the same chair is known again.
    chair_key = models.CharField(max_length=120, default="", editable=False)
    invitation_number = models.CharField(
        _("invitation number"), max_length=120, blank=True, validators=[validate_clean]
    )
    summary = models.TextField(
        _("public summary"),
        blank=True,
        validators=[MaxLengthValidator(10_000), validate_public],
        help_text=_("Everybody reads it."),
    )
    minutes = models.TextField(_("minutes"), blank=True, validators=[MaxLengthValidator(100_000)])
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.PLANNED, editable=False)
    source = models.ForeignKey(
        Source,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="meetings",
        verbose_name=_("source"),
        help_text=_("Who published it, where an old meeting is known from a publication."),
    )
    remark = models.TextField(
        _("public remark"),
        blank=True,
        validators=[MaxLengthValidator(2000), validate_public],
        help_text=_("Everybody reads it."),
    )
    regencies = models.ManyToManyField(
        Regency, through="Participation", related_name="meetings", verbose_name=_("participating regencies")
    )
    # What a calendar program knows it by.
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Of the form that entered it: what is sent twice is one meeting.
    entry_key = models.UUIDField(null=True, unique=True, editable=False)
    voided_at = models.DateTimeField(_("taken out at"), null=True, editable=False)
    void_reason = models.CharField(_("reason for taking it out"), max_length=300, blank=True, editable=False)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now, editable=False)
    # Where it stands in a list; made by `complete`, as the folded words that everybody may search by.
    listed_on = models.DateField(default=EARLIEST, editable=False)
    search = models.TextField(default="", editable=False)

    objects = MeetingQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["search", "listed_on", "chair_key", "changed_at"])

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["-listed_on", "-pk"]
        permissions = [
            ("manage_meetings", _("Can plan meetings and keep their records")),
            ("view_attendance_names", _("Can read who attended a meeting")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="meeting_status_is_known"),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=False)
                | Q(source__isnull=False)
                | Q(status__in=["postponed", "cancelled"]),
                name="meeting_has_day_or_source",
                violation_error_message=_("Enter the day. Only a meeting known from a publication may lack it."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on__isnull=False, ends_on__gte=F("starts_on")),
                name="meeting_ends_after_it_begins",
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(
                condition=Q(start_time=None) | Q(starts_on__isnull=False),
                name="meeting_time_has_its_day",
                violation_error_message=_("A time needs its day."),
            ),
            models.CheckConstraint(
                condition=Q(end_time=None)
                | Q(start_time__isnull=False)
                & (Q(end_time__gt=F("start_time")) | Q(ends_on__isnull=False, ends_on__gt=F("starts_on"))),
                name="meeting_time_runs_forward",
                violation_error_message=_("The end must come after the beginning; enter both."),
            ),
            models.CheckConstraint(condition=Q(voided_at=None) | ~Q(void_reason=""), name="meeting_taken_out_says_why"),
        ]
        indexes = [
            models.Index(fields=["listed_on", "id"], name="meeting_listed", condition=Q(voided_at=None)),
            models.Index(fields=["status", "starts_on"], name="meeting_status_day", condition=Q(voided_at=None)),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("meeting", args=[self.pk])

    def get_record_url(self):
        """Its page in the workspace."""
        return reverse("meeting_record", args=[self.pk])

    def complete(self, regencies):
        """Fill what follows from what was entered. Reads round, host and source."""
        self.chair_key = fold(self.chair)[:120]
        # One that lost its day by being postponed stays where it was.
        self.listed_on = self.starts_on or (self.source.published_on if self.source else None) or self.listed_on
        self.changed_at = timezone.now()
        self.make_search(regencies)

    def make_search(self, regencies):
        """Fold the words that everybody may search by. Reads round and host."""
        words = [self.title, self.place, str(self.round or ""), self.host.name, *(one.name for one in regencies)]
        self.search = fold(" ".join(words))

    # -- Facts ---------------------------------------------------------------------------------------

    @property
    def last_day(self):
        return self.ends_on or self.starts_on

    @property
    def is_to_come(self):
        return self.status == Status.PLANNED and self.starts_on is not None and self.starts_on >= today()

    @property
    def is_overdue(self):
        """Planned for a day that is over: it is not known whether it was held."""
        return self.status == Status.PLANNED and self.last_day is not None and self.last_day < today()

    @property
    def is_plan_of_source(self):
        """Planned, without a day, as a publication said: nothing is known of what became of it."""
        return self.status == Status.PLANNED and self.starts_on is None and self.source_id is not None

    @property
    def badge(self):
        if self.status == Status.HELD:
            return "ok"
        if self.status == Status.CANCELLED:
            return ""
        if self.status == Status.POSTPONED:
            return "way"
        return "bad" if self.is_overdue else "nil" if self.is_plan_of_source else "way"

    @property
    def status_words(self):
        """The status as everybody reads it: "Berikutnya" only where it is still to come."""
        if self.is_plan_of_source:
            day = format_date(self.source.published_on, self.source.date_precision or "day")
            return gettext("planned according to the publication of %(day)s") % {"day": day}
        if self.is_overdue:
            return gettext("planned, outcome not recorded yet")
        return self.get_status_display()

    @property
    def when(self):
        """Day and time in words; a dash range where it takes more than a day."""
        if self.starts_on is None:
            return ""
        words = format_date(self.starts_on)
        if self.ends_on and self.ends_on != self.starts_on:
            words = f"{words} – {format_date(self.ends_on)}"
        if self.start_time is None:
            return words
        clock = f"{self.start_time:%H.%M}"
        if self.end_time:
            clock = f"{clock}–{self.end_time:%H.%M}"
        return pgettext("day and time", "%(day)s, %(clock)s WITA") % {"day": words, "clock": clock}

    def span(self):
        """First and last moment as far as known: whole days where no time is; None without a day."""
        if self.starts_on is None:
            return None
        zone = timezone.get_default_timezone()
        midnight = datetime.min.time()
        begin = datetime.combine(self.starts_on, self.start_time or midnight, tzinfo=zone)
        if self.start_time and self.end_time:
            return begin, datetime.combine(self.last_day, self.end_time, tzinfo=zone)
        return begin, datetime.combine(self.last_day + timedelta(days=1), midnight, tzinfo=zone)


class Participation(models.Model):
    """That a regency takes part in a meeting; the host always does."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="participations", verbose_name=_("meeting"))
    regency = models.ForeignKey(Regency, models.PROTECT, related_name="+", verbose_name=_("regency"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "regency"], name="meeting_counts_a_regency_once"),
        ]

    def __str__(self):
        return f"{self.meeting_id}/{self.regency_id}"


class MeetingStep(models.Model):
    """One step of a meeting, with the day that it was planned for before and after. Written once."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="steps", verbose_name=_("meeting"))
    was = models.CharField(_("before"), max_length=9, choices=Status.choices, blank=True)
    to = models.CharField(_("status"), max_length=9, choices=Status.choices)
    old_starts_on = models.DateField(_("day before"), null=True)
    new_starts_on = models.DateField(_("day after"), null=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True, validators=[validate_clean, validate_public])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    made_at = models.DateTimeField(_("made at"), default=timezone.now)

    class Meta:
        verbose_name = _("step of a meeting")
        verbose_name_plural = _("steps of meetings")
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(to__in=Status.values), name="meeting_step_leads_to_a_known_status"),
            models.CheckConstraint(
                condition=~Q(to__in=["postponed", "cancelled"]) | ~Q(reason=""),
                name="meeting_that_is_not_held_says_why",
                violation_error_message=_("Say why, in a few words."),
            ),
        ]

    def __str__(self):
        return f"{self.was} → {self.to}"
