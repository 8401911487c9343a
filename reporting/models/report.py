"""One office's report for one period: the draft as typed, the values as submitted, and every step with its person."""

import hashlib
import json

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.dates import day_of, end_of, format_date, format_moment
from common.models import ChangedMeanwhile, DataVersion, StepRefused, Versioned
from regions.models import Regency
from reporting.models.content import ReportValue
from reporting.models.form import ReportForm
from reporting.models.period import Period
from reporting.models.step import Extension, Status, StepRemark

# What publicly visible changes of reports bump.
SUBJECT = "reports"
PROVINCE = "provinsi"


class Closed(StepRefused):
    """The clock does not allow it: not open yet, or locked."""


class AlreadyDone(StepRefused):
    """The report is in that state already, or went on from there: the answer to a repeat."""


def refuse_without_words(reason):
    """Raise StepRefused where a step that must say why says nothing."""
    if not reason.strip():
        raise StepRefused(gettext("Say why, in a few words."))


class NotReady(Exception):
    """The form has errors, or warnings without an explanation; `filled` is what was found."""

    def __init__(self, filled):
        super().__init__("not ready")
        self.filled = filled


def fingerprint(content):
    """The SHA-256 of what was submitted, the same however a database orders it."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class RegencyReportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """An officer sees the own regency's, the office all."""
        if user.regency_id:
            return self.filter(regency=user.regency_id)
        return self.all()

    def fillable_by(self, user):
        """What a person fills in where the permission allows: the own regency's, or the province's own."""
        return self.filter(regency=user.regency_id)

    def public(self):
        """What the public may read: reports that were approved, also while one of them is being revised.

        What was approved is public until the next approval; `reporting.published` reads it.
        """
        return self.filter(approved_at__isnull=False)

    def waiting(self):
        """What waits for review, the longest first."""
        return self.filter(status=Status.SUBMITTED).order_by("submitted_at", "pk")

    def for_list(self):
        return self.select_related("period", "regency").defer("regency__boundary", "typed")


class RegencyReport(Versioned):
    """One office's report for one period; `regency` is null for the province's own section.

    It exists before anyone types (`reporting.calendar`), so that a blank one can be seen. `typed` is the form as it
    was typed, whatever it says; it is read by `reporting.filling`, and values come about when it is submitted.
    """

    NEXT = {
        Status.DRAFT: {Status.SUBMITTED},
        Status.SUBMITTED: {Status.APPROVED, Status.RETURNED},
        Status.RETURNED: {Status.SUBMITTED},
        Status.APPROVED: {Status.REOPENED},
        Status.REOPENED: {Status.SUBMITTED},
    }
    FILLABLE = frozenset({Status.DRAFT, Status.RETURNED, Status.REOPENED})

    period = models.ForeignKey(Period, models.PROTECT, related_name="reports", verbose_name=_("period"))
    regency = models.ForeignKey(
        Regency, models.PROTECT, null=True, blank=True, related_name="reports", verbose_name=_("regency")
    )
    form = models.ForeignKey(ReportForm, models.PROTECT, related_name="reports", verbose_name=_("report form"))
    status = models.CharField(_("state"), max_length=9, choices=Status.choices, default=Status.DRAFT)
    typed = models.JSONField(_("as typed"), default=dict, editable=False)
    saved_at = models.DateTimeField(_("last saved at"), null=True, editable=False)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("last saved by")
    )
    first_submitted_at = models.DateTimeField(_("first submitted at"), null=True, editable=False)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, editable=False)
    approved_at = models.DateTimeField(_("approved at"), null=True, editable=False)
    # Moving the due day later on changes nothing about what came before.
    was_due_on = models.DateField(_("due day when it was first submitted"), null=True, editable=False)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    objects = RegencyReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["-period__ends_on", F("regency__name").asc(nulls_last=True)]
        permissions = [
            ("fill_report", _("Can fill in the own office's report")),
            ("submit_report", _("Can submit the own office's report")),
            ("approve_report", _("Can approve a report")),
            ("return_report", _("Can return a report with remarks")),
            ("reopen_report", _("Can reopen an approved report")),
            ("extend_report", _("Can open a locked period for one report")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["period", "regency"], name="one_report_of_a_regency_a_period"),
            models.UniqueConstraint(
                fields=["period"], condition=Q(regency=None), name="one_report_of_the_province_a_period"
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="report_state_is_known"),
            models.CheckConstraint(
                condition=Q(status=Status.DRAFT)
                | Q(submitted_at__isnull=False, first_submitted_at__isnull=False, was_due_on__isnull=False),
                name="report_beyond_a_draft_was_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.APPROVED) | Q(approved_at__isnull=False),
                name="approved_report_has_its_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "submitted_at"], name="report_waiting"),
            models.Index(fields=["regency", "period"], name="report_of_office"),
        ]

    def __str__(self):
        return f"{self.period_id}: {self.status}"

    def get_absolute_url(self):
        return reverse("report", args=[self.pk])

    # -- Facts ---------------------------------------------------------------------------------------

    @property
    def office_key(self):
        """The regency's slug, or "provinsi": the key of the office's line in the recap. Reads the regency."""
        return self.regency.slug if self.regency_id else PROVINCE

    @property
    def office_name(self):
        return self.regency.full_name if self.regency_id else gettext("Province's own section")

    @property
    def office_short_name(self):
        return self.regency.name if self.regency_id else gettext("Province")

    @property
    def is_late(self):
        """Whether it was first submitted after the due day that held then; None while it was not submitted."""
        return self.first_submitted_at and self.first_submitted_at >= end_of(self.was_due_on)

    @property
    def is_blank(self):
        """Whether nobody has saved anything yet."""
        return self.saved_at is None

    def last_day(self):
        """The last day on which it can be filled in: that of the lock, or of its extension."""
        until = self.extensions.aggregate(until=models.Max("until_on"))["until"]
        return max(self.period.locks_on, until) if until else self.period.locks_on

    def is_open(self, now=None):
        """Whether the clock lets it be filled in and submitted."""
        now = now or timezone.now()
        return self.period.opens_at <= now and (now < self.period.locks_at or now < end_of(self.last_day()))

    def refuse_filling(self, now):
        """Raise AlreadyDone or Closed where nothing can be filled in now, by its state or by the clock."""
        if self.status not in self.FILLABLE:
            raise AlreadyDone(self.told())
        self.refuse_closed(now)

    def refuse_closed(self, now):
        """Raise Closed where the clock does not allow filling in, saying who can help."""
        if now < self.period.opens_at:
            raise Closed(
                gettext("%(period)s opens on %(day)s. Until then nothing can be filled in.")
                % {"period": self.period, "day": format_date(self.period.opens_on)}
            )
        if not self.is_open(now):
            raise Closed(
                gettext(
                    "%(period)s was locked after %(day)s. What you filled in is kept. The province's verifier can open"
                    " it for your office, with a reason and until a day."
                )
                % {"period": self.period, "day": format_date(self.period.locks_on)}
            )

    # -- Draft ---------------------------------------------------------------------------------------

    @transaction.atomic
    def save_draft(self, typed, *, by, now=None, page=""):
        """Keep the form as it is typed in the window `page`.

        Raises StepRefused, Closed or ChangedMeanwhile; nothing is written then.
        """
        now = now or timezone.now()
        self.refuse_filling(now)
        if typed == self.typed:
            return
        # The conditional update is the lock: it holds on SQLite too, where select_for_update does nothing.
        # bare update: the row that follows is the history.
        moved = RegencyReport.objects.filter(pk=self.pk, version=self.version, status=self.status).update(
            typed=typed, saved_at=now, saved_by=by, version=F("version") + 1
        )
        if not moved:
            raise ChangedMeanwhile(RegencyReport.objects.select_related("period", "regency").get(pk=self.pk))
        self.typed, self.saved_at, self.saved_by, self.version = typed, now, by, self.version + 1
        self.saves.create(version=self.version, typed=typed, by=by, made_at=now, page=page)

    # -- Steps ---------------------------------------------------------------------------------------

    @transaction.atomic
    def submit(self, filled, *, by, now=None):
        """Hand the report in; returns the step, whose number stands on the receipt.

        `filled` is what `reporting.filling.fill` made of this very version. Raises NotReady, Closed, AlreadyDone or
        ChangedMeanwhile; nothing is written then.
        """
        now = now or timezone.now()
        if Status.SUBMITTED not in self.NEXT[Status(self.status)]:
            raise AlreadyDone(self.told())
        self.refuse_closed(now)
        if filled.blocked:
            raise NotReady(filled)
        content = filled.content()
        count = self.steps.filter(to=Status.SUBMITTED).count() + 1
        step = self._step(
            Status.SUBMITTED,
            by=by,
            now=now,
            number=f"{self.period.code}-{self.office_key}-{count}",
            content=content,
            sha256=fingerprint(content),
            changes={
                "submitted_at": now,
                "first_submitted_at": self.first_submitted_at or now,
                "was_due_on": self.was_due_on or self.period.due_on,
            },
        )
        self.values.all().delete()
        ReportValue.objects.bulk_create(
            [
                ReportValue(
                    report=self,
                    line=row.line,
                    value=row.value,
                    register_value=row.register,
                    is_unavailable=row.is_unavailable,
                    explanation=row.why,
                )
                for row in filled.rows
            ]
        )
        return step

    @transaction.atomic
    def approve(self, *, by, note="", now=None):
        """Accept the report; its lines become published figures. Raises StepRefused.

        Whoever ever filled it in or submitted it cannot.
        """
        from reporting.publishing import publish_figures
        from reporting.reminders import tell_of_step

        self.refuse_step(Status.APPROVED)
        if self.steps.filter(to=Status.SUBMITTED, by=by).exists() or self.saves.filter(by=by).exists():
            raise StepRefused(gettext("Who filled in or submitted a report does not approve it. Another verifier can."))
        now = now or timezone.now()
        step = self._step(Status.APPROVED, by=by, now=now, note=note, changes={"approved_at": now})
        try:
            with transaction.atomic():
                publish_figures(self, by=by)
        except IntegrityError as error:
            raise StepRefused(gettext("Somebody chose a figure of this report just now. Approve again.")) from error
        tell_of_step(self, step)
        return step

    @transaction.atomic
    def give_back(self, *, by, reason, remarks=None, until=None, now=None):
        """Return the report to its office: `reason` in words, `remarks` as `{line: text}`. Raises StepRefused.

        Where the period is locked, `until` says how long the office may still correct it.
        """
        self.refuse_step(Status.RETURNED)
        return self._send_back(Status.RETURNED, by=by, reason=reason, remarks=remarks, until=until, now=now)

    @transaction.atomic
    def reopen(self, *, by, reason, until=None, now=None):
        """Open an approved report again; its figures are marked as being revised. Raises StepRefused."""
        from reporting.publishing import mark_revised

        self.refuse_step(Status.REOPENED)
        step = self._send_back(Status.REOPENED, by=by, reason=reason, remarks=None, until=until, now=now)
        mark_revised(self, by=by, reason=reason)
        return step

    @transaction.atomic
    def extend(self, *, until, reason, by, now=None):
        """Let this office fill in after the lock, until a day (inclusive), with a reason. Raises StepRefused.

        What the office types meanwhile does not matter to it, so no version is compared: the row is locked instead,
        so that of two who extend at once the second sees the first (on SQLite the transaction alone is the queue).
        """
        from reporting.reminders import tell_of_extension

        now = now or timezone.now()
        refuse_without_words(reason)
        self.refuse_until(until, now)
        RegencyReport.objects.select_for_update(of=("self",)).get(pk=self.pk).refuse_extension()
        longest = self.extensions.select_related("by").order_by("-until_on", "pk").first()
        if longest and longest.until_on >= until:
            raise AlreadyDone(
                gettext("It is open until %(day)s already: %(who)s, %(moment)s.")
                % {"day": format_date(longest.until_on), "who": longest.by, "moment": format_moment(longest.made_at)}
            )
        extension = self._extended(until, reason=reason, by=by, at=now)
        tell_of_extension(self, extension)
        return extension

    def refuse_extension(self):
        """Raise StepRefused where there is nothing to fill in: it is returned or reopened first, until a day."""
        if self.status not in self.FILLABLE:
            raise StepRefused(self.told())

    def refuse_until(self, until, now=None):
        """Raise StepRefused where a day cannot be the end of an extension."""
        now = now or timezone.now()
        if until < day_of(now) or until <= self.period.locks_on:
            raise StepRefused(gettext("The day must lie after the lock of the period, and not in the past."))

    def _extended(self, until, *, reason, by, at):
        # The whole reason of a return stands in its step; here its beginning is enough.
        longest = Extension._meta.get_field("reason").max_length
        return self.extensions.create(until_on=until, reason=reason[:longest], by=by, made_at=at)

    def _send_back(self, to, *, by, reason, remarks, until, now):
        from reporting.reminders import tell_of_step

        now = now or timezone.now()
        refuse_without_words(reason)
        if until is not None:
            self.refuse_until(until, now)
        elif not self.is_open(now):
            raise StepRefused(
                gettext("%(period)s is locked. Say until which day the office may correct its report.")
                % {"period": self.period}
            )
        step = self._step(to, by=by, now=now, note=reason)
        if until is not None:
            self._extended(until, reason=reason, by=by, at=now)
        StepRemark.objects.bulk_create(
            [StepRemark(step=step, line=line, text=text) for line, text in (remarks or {}).items() if text]
        )
        tell_of_step(self, step, until=until)
        return step

    def refuse_step(self, to):
        """Raise StepRefused where this step does not follow on the state; AlreadyDone for a repeat."""
        if to not in self.NEXT[Status(self.status)]:
            raise (AlreadyDone if self.status == to else StepRefused)(self.told())

    def _step(self, to, *, by, now, note="", changes=None, **step):
        """The one way from state to state: conditional on version and state, with its row of history."""
        self.refuse_step(to)
        changes = changes or {}
        # The conditional update is the lock: of two steps at once, one wins and the other is told.
        # bare update: the step that follows is the history.
        moved = RegencyReport.objects.filter(pk=self.pk, version=self.version, status=self.status).update(
            status=to, version=F("version") + 1, **changes
        )
        if not moved:
            now_there = RegencyReport.objects.select_related("period", "regency").get(pk=self.pk)
            raise (AlreadyDone(now_there.told()) if now_there.status != self.status else ChangedMeanwhile(now_there))
        was, self.status, self.version = self.status, to, self.version + 1
        for name, value in changes.items():
            setattr(self, name, value)
        row = self.steps.create(was=was, to=to, by=by, made_at=now, note=note, **step)
        DataVersion.bump(SUBJECT)
        return row

    def told(self):
        """Who did the last step, when: the sentence for whoever comes too late."""
        last = self.steps.select_related("by").order_by("-made_at", "-pk").first()
        if last is None:
            return gettext("This report is a draft: it was not submitted yet.")
        return gettext("This report: %(state)s. %(who)s, %(moment)s.") % {
            "state": Status(last.to).label,
            "who": last.by,
            "moment": format_moment(last.made_at),
        }
