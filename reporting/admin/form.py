"""The report form in the admin: lines and rules are changed until a period uses them, read only ever after."""

from datetime import timedelta

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef
from django.http import Http404
from django.shortcuts import redirect
from django.urls import path
from django.utils.dates import MONTHS
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.admin import OfficeInline, VersionedAdmin, VersionedForm
from common.dates import format_date, today
from common.fields import DateField, TextField
from reporting.admin import acts
from reporting.formula import FormulaRefused, read_terms, write_terms
from reporting.models import FormLine, FormRule, Period, ReportForm, RuleTerm

# Names of fields of the filled-in form that are no code of a line, and what is put behind a code there.
TAKEN, ENDINGS = {"masalah", "act"}, ("-na", "-why")
FLOWS = {FormLine.Register.NEW, FormLine.Register.DISSOLVED}


class VersionForm(VersionedForm):
    """A version of the form. After a conflict it is opened anew: lines keep no history that could be compared."""

    def _post_clean(self):
        super()._post_clean()
        if self.conflict:
            text = gettext("Lines and rules may be others by now. Open this page anew, then enter your change there.")
            self.add_error(None, text)


class LineForm(forms.ModelForm):
    """One line: its code must not be taken, and what happens in a period is asked every period."""

    def clean(self):
        data = super().clean()
        indicator, key = data.get("indicator"), data.get("register_key")
        if indicator and (indicator.code in TAKEN or indicator.code.endswith(ENDINGS)):
            self.add_error("indicator", gettext("The code of this indicator means something else in a report."))
        if data.get("can_be_negative") and indicator and indicator.unit != "rupiah":
            self.add_error("can_be_negative", gettext("Only an amount in rupiah can be below zero."))
        if key in FLOWS and data.get("frequency") == FormLine.Frequency.YEAR:
            text = gettext("The register counts this within the period; it is asked every period.")
            self.add_error("frequency", text)
        return data


class LineFormSet(forms.BaseInlineFormSet):
    def clean(self):
        super().clean()
        kept = [one.cleaned_data for one in self.forms if _is_kept(self, one)]
        if not kept:
            raise ValidationError(gettext("A form asks at least one thing."))
        keys = [data["register_key"] for data in kept if data.get("register_key")]
        for key in {key for key in keys if keys.count(key) > 1}:
            label = FormLine.Register(key).label
            raise ValidationError(gettext("Two lines take “%(key)s” from the register.") % {"key": label})


class LineChoice(forms.ModelChoiceField):
    def label_from_instance(self, line):
        return f"{line.indicator.name} ({line.code})"


class RuleForm(forms.ModelForm):
    formula = TextField(
        label=_("terms"),
        max_length=500,
        help_text=_("Codes with + and − between them; “lalu:” before a code means the period before."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["formula"] = shown_terms(self.instance)


class RuleFormSet(forms.BaseInlineFormSet):
    """Rules speak of lines of their own form that stay."""

    def clean(self):
        super().clean()
        gone = {self.data.get(f"lines-{row}-id") for row in range(1000) if f"lines-{row}-DELETE" in self.data}
        lines = {
            line.code: line for line in self.instance.lines.select_related("indicator") if str(line.pk) not in gone
        }
        for one in self.forms:
            if _is_kept(self, one) and "formula" in one.cleaned_data:
                try:
                    one.terms = read_terms(one.cleaned_data["formula"], lines)
                except FormulaRefused as refused:
                    one.add_error("formula", refused.as_validation_error())
                    continue
                spoken_of = {term.line.pk for term in one.terms if term.when == RuleTerm.When.THIS}
                if one.cleaned_data.get("line") and one.cleaned_data["line"].pk not in spoken_of:
                    text = gettext("The rule must speak of this line's value in this period.")
                    one.add_error("line", text)


def _is_kept(formset, form):
    data = getattr(form, "cleaned_data", None)
    return bool(data) and not (formset.can_delete and formset._should_delete_form(form))


def shown_terms(rule):
    return write_terms(rule.terms.select_related("line__indicator"))


class LineInline(OfficeInline):
    model = FormLine
    form = LineForm
    formset = LineFormSet
    classes = []
    fields = [
        "position",
        "section",
        "indicator",
        "frequency",
        "is_required",
        "can_be_negative",
        "register_key",
        "help",
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("indicator")


class RuleInline(OfficeInline):
    model = FormRule
    form = RuleForm
    formset = RuleFormSet
    classes = []
    readonly_fields = ["shown_line"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("line__indicator")

    def get_fields(self, request, obj=None):
        line = "line" if self.has_change_permission(request, obj) else "shown_line"
        return ["position", line, "formula", "comparison", "severity", "message"]

    def get_formset(self, request, obj=None, **kwargs):
        made = super().get_formset(request, obj, **kwargs)
        if "line" in made.form.base_fields:
            # A rule stands at a line of its own form, and at no other's.
            made.form.base_fields["line"].queryset = obj.lines.select_related("indicator")
        return made

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "line":
            kwargs["form_class"] = LineChoice
            kwargs["queryset"] = FormLine.objects.select_related("indicator")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=_("stands at line"))
    def shown_line(self, rule):
        return rule.line.indicator.name

    @admin.display(description=_("terms"))
    def formula(self, rule):
        return shown_terms(rule)


class NextVersionForm(forms.Form):
    """From when on the copy holds."""

    number = forms.IntegerField(widget=forms.HiddenInput)
    valid_from = DateField(label=_("valid from"), help_text=ReportForm._meta.get_field("valid_from").help_text)

    def __init__(self, *args, report_form, **kwargs):
        super().__init__(*args, **kwargs)
        self.report_form = report_form

    def clean_valid_from(self):
        day = self.cleaned_data["valid_from"]
        if day < self.report_form.valid_from:
            words = {"day": format_date(self.report_form.valid_from)}
            text = gettext("The version it follows is valid from %(day)s; choose that day or a later one.")
            raise ValidationError(text % words)
        return day


@admin.register(ReportForm)
class ReportFormAdmin(VersionedAdmin):
    """A version with its lines and rules: changed until a period uses it, read only ever after."""

    form = VersionForm
    change_form_template = "admin/reporting/reportform/change_form.html"
    readonly_fields = ["shown_month"]
    list_display = ["number", "title", "valid_from", "due_days", "lock_days", "used"]
    list_display_links = ["number", "title"]
    ordering = ["-number"]

    def get_queryset(self, request):
        used = Exists(Period.objects.filter(form=OuterRef("pk")))
        return super().get_queryset(request).annotate(_is_used=used)

    def get_inlines(self, request, obj):
        return [LineInline] if obj is None else [LineInline, RuleInline]

    def get_fields(self, request, obj=None):
        is_open = obj is None or self.has_change_permission(request, obj)
        month = "yearly_month" if is_open else "shown_month"
        return [("title", "valid_from"), ("due_days", "lock_days", month), ("jump_percent", "jump_deviations")]

    @admin.display(description=_("month of the yearly lines"))
    def shown_month(self, form):
        return str(MONTHS[form.yearly_month])

    @admin.display(description=_("used by a period"), boolean=True)
    def used(self, form):
        return form._is_used

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj is not None and obj.is_used)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "yearly_month":
            return forms.TypedChoiceField(
                label=capfirst(db_field.verbose_name),
                help_text=db_field.help_text,
                choices=[(number, str(name)) for number, name in MONTHS.items()],
                coerce=int,
                initial=db_field.default,
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    # -- Writing -----------------------------------------------------------------------------------

    def save_model(self, request, obj, form, change):
        if not change:
            obj.number = _next_number()
        super().save_model(request, obj, form, change)

    def save_formset(self, request, form, formset, change):
        super().save_formset(request, form, formset, change)
        for one in formset.forms:
            if formset.model is FormRule and one.has_changed() and _is_kept(formset, one):
                one.instance.terms.all().delete()
                RuleTerm.objects.bulk_create(
                    [RuleTerm(rule=one.instance, line=term.line, sign=term.sign, when=term.when) for term in one.terms]
                )

    def _compare_versions(self, request, record):
        posted = request.POST.get("version", "")
        super()._compare_versions(request, record)
        if request.conflict:
            data = request.POST.copy()
            data["version"] = posted
            request.POST = data

    # -- The next version --------------------------------------------------------------------------

    def get_urls(self):
        view = self.admin_site.admin_view(self.next_view)
        return [path("<path:object_id>/versi-baru/", view, name="reporting_reportform_next"), *super().get_urls()]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context |= {"is_used": obj is not None and obj.is_used, "may_continue": self.has_add_permission(request)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def next_view(self, request, object_id):
        """Ask from when on, then make the copy; sent twice, it is made once."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        record = ReportForm.objects.filter(pk=object_id).first() if _is_key(object_id) else None
        if record is None:
            raise Http404
        initial = {"number": _next_number(), "valid_from": _first_free_day()}
        form = NextVersionForm(request.POST or None, initial=initial, report_form=record)
        if request.method == "POST" and form.is_valid():
            return self._continue(request, record, **form.cleaned_data)
        title = gettext("Make the next version")
        explanation = gettext(
            "A copy of “%(form)s” with its lines and rules. It can be changed until the first period uses it; reports"
            " that exist keep their own version."
        ) % {"form": record}
        return acts.page(self, request, title, form, original=record, explanation=explanation)

    def _continue(self, request, record, *, number, valid_from):
        made = None
        if not ReportForm.objects.filter(number=number).exists():
            try:
                with transaction.atomic():
                    made = record.next_version(valid_from=valid_from, by=request.user)
                    self.log_addition(request, made, [{"added": {}}])
            except IntegrityError:
                made = None
        if made is None:
            messages.info(request, gettext("The next version was made already; nothing changed."))
            made = ReportForm.objects.order_by("-number").first()
        return redirect("admin:reporting_reportform_change", made.pk)


def _next_number():
    return (ReportForm.objects.aggregate(most=Max("number"))["most"] or 0) + 1


def _first_free_day():
    """The day after the newest period: what is open keeps its form."""
    newest = Period.objects.order_by("-ends_on").first()
    return newest.ends_on + timedelta(days=1) if newest else today()


def _is_key(text):
    return text.isdecimal() and len(text) < 19
