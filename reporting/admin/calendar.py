"""The vocabulary of problems and the calendar of periods in the admin."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.admin import VersionedAdmin
from common.dates import format_date, today
from common.fields import YearField
from common.models import DataVersion, StepRefused
from reporting import calendar
from reporting.admin import acts
from reporting.models import Period, Problem, Status
from reporting.models.period import ROMAN
from reporting.models.report import SUBJECT


@admin.register(Problem)
class ProblemAdmin(VersionedAdmin):
    """A word that a report chose stays; it can be put into better words, for all reports that are still open."""

    fields = ["name", "position"]
    list_display = ["name", "position"]
    search_fields = ["name"]
    ordering = ["position", "name"]

    def published(self, request, record, *, change):
        DataVersion.bump(SUBJECT)


class OpenPeriodForm(forms.Form):
    """Which period is opened."""

    kind = forms.ChoiceField(label=_("kind"), choices=Period.Kind.choices)
    year = YearField(label=_("year"), min_value=2012)
    number = forms.TypedChoiceField(
        label=_("number"),
        choices=[(one, ROMAN[one]) for one in range(1, 5)],
        coerce=int,
        help_text=_("Quarters I to IV, half-years I and II; a year has only I."),
    )

    def clean(self):
        data = super().clean()
        if "kind" in data and data.get("number", 0) > 12 // Period.MONTHS[Period.Kind(data["kind"])]:
            self.add_error("number", gettext("A year does not have so many periods of this kind."))
        return data


@admin.register(Period)
class PeriodAdmin(VersionedAdmin):
    """The calendar: made by itself, its days kept by staff. A new one is opened, not typed."""

    change_list_template = "admin/reporting/period/change_list.html"
    fields = ["shown_name", "shown_days", "state", "shown_form", ("opens_on", "due_on", "locks_on")]
    readonly_fields = ["shown_name", "shown_days", "state", "shown_form"]
    list_display = [
        "shown_name",
        "state",
        "due_on",
        "locks_on",
        "approved",
        "waiting",
        "sent_back",
        "not_in",
    ]
    list_filter = ["kind", "year"]
    ordering = ["-ends_on"]
    sortable_by = ["due_on", "locks_on"]

    def get_queryset(self, request):
        def count(*states):
            return Count("reports", filter=Q(reports__status__in=states))

        return (
            super()
            .get_queryset(request)
            .select_related("form")
            .annotate(
                _approved=count(Status.APPROVED),
                _waiting=count(Status.SUBMITTED),
                _sent_back=count(Status.RETURNED, Status.REOPENED),
                _not_in=count(Status.DRAFT),
            )
        )

    @admin.display(description=_("period"), ordering="ends_on")
    def shown_name(self, period):
        return period.name

    @admin.display(description=_("days"))
    def shown_days(self, period):
        return f"{format_date(period.starts_on)} – {format_date(period.ends_on)}"

    @admin.display(description=_("now"))
    def state(self, period):
        return capfirst(period.state_on(timezone.now()))

    @admin.display(description=_("report form"))
    def shown_form(self, period):
        return str(period.form)

    @admin.display(description=_("approved"), ordering="_approved")
    def approved(self, period):
        return period._approved

    @admin.display(description=_("wait for review"), ordering="_waiting")
    def waiting(self, period):
        return period._waiting

    @admin.display(description=_("with the office again"), ordering="_sent_back")
    def sent_back(self, period):
        return period._sent_back

    @admin.display(description=_("not submitted"), ordering="_not_in")
    def not_in(self, period):
        return period._not_in

    def add_view(self, request, form_url="", extra_context=None):
        """Open an earlier or later period, with the blank reports of its offices."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = OpenPeriodForm(request.POST or None, initial={"year": today().year})
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            there = Period.objects.filter(**data).first()
            if there:
                messages.info(request, gettext("%(period)s is there already; nothing changed.") % {"period": there})
                return redirect("admin:reporting_period_change", there.pk)
            try:
                return self._opened(request, calendar.open_period(**data, by=request.user))
            except StepRefused as why:
                form.add_error(None, str(why))
        return acts.page(self, request, gettext("Open a period"), form)

    def _opened(self, request, period):
        self.log_addition(request, period, [{"added": {}}])
        words = {"period": period, "count": period.reports.count()}
        messages.success(request, gettext("%(period)s was opened; %(count)s reports are expected.") % words)
        return redirect("admin:reporting_period_change", period.pk)

    def published(self, request, record, *, change):
        """Due days stand on the public page of who has reported."""
        DataVersion.bump(SUBJECT)
