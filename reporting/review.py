"""The reviewer's page, and what is decided there."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from common.fields import DateField, LinesField
from common.models import ChangedMeanwhile, StepRefused
from common.numbers import LARGEST_COUNT, format_number
from figures.models import Figure
from reporting.comparison import KIND, lines, story
from reporting.filling import fill, lines_of
from reporting.models import Extension, RegencyReport, Status, StepRemark
from reporting.publishing import conflicts, public_path

LONGEST_REASON = 1000
LONGEST_REMARK = StepRemark._meta.get_field("text").max_length
LONGEST_EXTENSION = Extension._meta.get_field("reason").max_length
REMARK = "remark-"
# What a decision leads to, and who may; extending leads to no other state.
PERMISSION = {
    Status.APPROVED: "reporting.approve_report",
    Status.RETURNED: "reporting.return_report",
    Status.REOPENED: "reporting.reopen_report",
    None: "reporting.extend_report",
}
ADDRESS = {
    Status.APPROVED: "approve_report",
    Status.RETURNED: "return_report",
    Status.REOPENED: "reopen_report",
    None: "extend_report",
}


class DecisionForm(forms.Form):
    """What goes with a decision: the version that was shown, why, until which day, remarks on lines.

    `to` is the state that it leads to, None for an extension. The day is asked where the clock has closed the report.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=LARGEST_COUNT)
    reason = LinesField(label=_("Reason"), max_length=LONGEST_REASON, help_text=_("The office reads it."))
    until = DateField(label=_("Until which day the office may fill it in"))

    def __init__(self, data=None, *, report, to, asked=()):
        super().__init__(data, initial={"version": report.version})
        self.report, self.to = report, to
        if to is None:
            self.fields["reason"] = LinesField(label=_("Reason"), max_length=LONGEST_EXTENSION)
            # What the office types meanwhile is no reason against it.
            del self.fields["version"]
        elif report.is_open():
            del self.fields["until"]
        for line in asked:
            label = gettext("Remark on %(line)s") % {"line": line.indicator.name}
            # In the table, far from the form that it belongs to.
            widget = forms.Textarea(attrs={"form": "decision", "rows": 3})
            self.fields[f"{REMARK}{line.code}"] = LinesField(
                label=label, required=False, max_length=LONGEST_REMARK, widget=widget
            )
        self.asked = {f"{REMARK}{line.code}": line for line in asked}
        if to == Status.APPROVED:
            for name in self.fields.keys() - {"version"}:
                self.fields[name].required = False

    def clean_until(self):
        until = self.cleaned_data["until"]
        if until is not None:
            try:
                self.report.refuse_until(until)
            except StepRefused as refused:
                raise ValidationError(str(refused)) from refused
        return until

    def clean(self):
        super().clean()
        if self.to != Status.APPROVED:
            return self.cleaned_data
        # On the page they are what a return needs.
        for name in self.fields.keys() & {"reason", "until"}:
            self.fields[name].required = True
        if self.typed():
            raise ValidationError(
                gettext(
                    "You wrote a reason or a remark, which only goes with a return. Return the report, or empty the"
                    " fields and approve again."
                )
            )
        return self.cleaned_data

    def refuse_stale(self):
        """Raise ChangedMeanwhile where the page showed the report as it no longer is."""
        version = self.data.get("version", "")
        if "version" in self.fields and version.isdecimal() and version != str(self.report.version):
            raise ChangedMeanwhile(self.report)

    def typed(self):
        """`[(label, text)]` of what a person wrote into it."""
        names = [name for name in self.fields if name != "version"]
        said = [(self.fields[name].label, self.data.get(name, "").strip()) for name in names]
        return [(label, text) for label, text in said if text]

    @property
    def said(self):
        """What the verb of an act takes."""
        return {name: self.cleaned_data[name] for name in ("reason", "until") if name in self.fields}

    @property
    def remarks(self):
        return {line: self.cleaned_data[name] for name, line in self.asked.items() if self.cleaned_data[name]}


# The page -------------------------------------------------------------------------------------------


@permission_required("reporting.view_regencyreport", raise_exception=True)
@require_safe
def review(request, pk):
    """One report beside the last period and the register, what its office explains, and its story."""
    return _page(request, _report(request, pk))


def _report(request, pk):
    rows = RegencyReport.objects.visible_to(request.user).select_related("period__form", "form", "regency", "saved_by")
    return get_object_or_404(rows.defer("regency__boundary"), pk=pk)


def _page(request, report, *, form=None, refused="", status=200):
    """`form` is one that was sent and not accepted, `refused` why a decision was not taken."""
    asked = lines_of(report)
    filled = fill(report, lines=asked)
    steps = story(report, filled)
    sections = lines(filled, steps)
    offered = _offered(request.user, report, steps)
    # Approving and returning are two buttons of one form.
    fits = form is not None and (form.to in offered or (form.to == Status.APPROVED and Status.RETURNED in offered))
    typed = form.typed() if form and not fits else []
    if offered and not fits:
        form = DecisionForm(report=report, to=offered[-1], asked=asked if Status.RETURNED in offered else ())
    every = [line for _name, found in sections for line in found]
    for line in every:
        line.remark = form[name] if offered and (name := f"{REMARK}{line.row.code}") in form.fields else None
    submissions = [step for step in steps if step.number]
    context = {
        "report": report,
        "heading": f"{report.office_short_name}, {report.period}",
        "kind": KIND[report.status],
        "is_draft": report.status in report.FILLABLE,
        "filled": filled,
        "sections": sections,
        "before": every[0].row.past[0].period if every and every[0].row.past else None,
        "steps": steps[::-1],
        "submission": submissions[-1] if submissions else None,
        "extensions": report.extensions.select_related("by"),
        "form": form if offered else None,
        # Approving is the first and has an address of its own on its button.
        "action": reverse(ADDRESS[offered[-1]], args=[report.pk]) if offered else "",
        "typed": typed,
        "refused": refused,
        **_counts(every),
        **_may(request.user, report, offered, steps),
        **_waiting(request.user, report),
    }
    return render(request, "reporting/review.html", context, status=status)


def _offered(user, report, steps):
    """The states that this person may lead the report to now; None among them is an extension."""
    after = [to for to in PERMISSION if to in report.NEXT[Status(report.status)]]
    if report.status in report.FILLABLE and timezone.now() >= report.period.locks_at:
        after.append(None)
    if _submitted_by(user, steps):
        after = [to for to in after if to != Status.APPROVED]
    return [to for to in after if user.has_perm(PERMISSION[to])]


def _submitted_by(user, steps):
    return any(step.number and step.by == user for step in steps)


def _counts(every):
    return {
        "count": len(every),
        "flagged": [line for line in every if line.is_flagged],
        "not_available": sum(line.row.is_unavailable for line in every),
        "errors": [line for line in every if line.row.errors],
        "warnings": [line for line in every if line.row.warnings],
        "differing": [line for line in every if line.row.differs],
    }


def _may(user, report, offered, steps):
    return {
        "is_own": report.status == Status.SUBMITTED
        and user.has_perm(PERMISSION[Status.APPROVED])
        and _submitted_by(user, steps),
        "may_approve": Status.APPROVED in offered,
        "may_return": Status.RETURNED in offered,
        "may_reopen": Status.REOPENED in offered,
        "asks_remarks": Status.RETURNED in offered,
        "may_fill": report.status in report.FILLABLE
        and user.has_perm("reporting.fill_report")
        and report.regency_id == user.regency_id,
    }


def _waiting(user, report):
    """The next report that waits for this person, and how many do; nothing for those who decide nothing."""
    if not user.has_perm(PERMISSION[Status.APPROVED]):
        return {}
    waiting = RegencyReport.objects.visible_to(user).waiting().exclude(pk=report.pk)
    return {"may_review": True, "waiting_count": waiting.count(), "next_waiting": waiting.for_list().first()}


# Decisions ------------------------------------------------------------------------------------------


@permission_required(PERMISSION[Status.APPROVED], raise_exception=True)
@require_POST
def approve(request, pk):
    """Accept the report; on to the next that waits."""

    def act(report, form):
        report.approve(by=request.user)

    return _decide(request, pk, Status.APPROVED, act)


@permission_required(PERMISSION[Status.RETURNED], raise_exception=True)
@require_POST
def give_back(request, pk):
    """Return it with a reason and remarks; on to the next that waits."""

    def act(report, form):
        report.give_back(by=request.user, remarks=form.remarks, **form.said)

    return _decide(request, pk, Status.RETURNED, act)


@permission_required(PERMISSION[Status.REOPENED], raise_exception=True)
@require_POST
def reopen(request, pk):
    """Open an approved report again."""

    def act(report, form):
        report.reopen(by=request.user, **form.said)

    return _decide(request, pk, Status.REOPENED, act)


@permission_required(PERMISSION[None], raise_exception=True)
@require_POST
def extend(request, pk):
    """Let the office fill in after the lock."""

    def act(report, form):
        report.extend(by=request.user, **form.said)

    return _decide(request, pk, None, act)


def _decide(request, pk, to, act):
    """Take a decision about the version that was shown, or show the page again with what stands against it."""
    report = _report(request, pk)
    try:
        # The state comes first: who is too late is told so, whatever the form lacks.
        _refuse(report, to)
        form = _form(request, report, to)
        form.refuse_stale()
        if not form.is_valid():
            return _page(request, report, form=form, status=400)
        act(report, form)
    except (StepRefused, ChangedMeanwhile) as problem:
        report = _report(request, pk)
        form = _form(request, report, to)
        return _page(request, report, form=form, refused=_why_not(problem, report, to), status=409)
    return _done(request, report, to)


def _refuse(report, to):
    if to is None:
        report.refuse_extension()
    else:
        report.refuse_step(to)


def _form(request, report, to):
    """The form as it was sent, about the report as it stands."""
    asked = lines_of(report) if to in (Status.APPROVED, Status.RETURNED) else ()
    return DecisionForm(request.POST, report=report, to=to, asked=asked)


def _why_not(problem, report, to):
    if isinstance(problem, ChangedMeanwhile):
        text = gettext("Nothing was changed: the report is another since you opened this page. %(who)s")
        return text % {"who": report.told()}
    if report.status == to:
        return gettext("That is done already, nothing was changed. %(who)s") % {"who": problem}
    return gettext("Nothing was changed. %(why)s") % {"why": problem}


def _done(request, report, to):
    named = {"office": report.office_short_name, "period": report.period}
    words = {
        Status.APPROVED: gettext("%(office)s, %(period)s: approved and published."),
        Status.RETURNED: gettext("%(office)s, %(period)s: returned."),
        Status.REOPENED: gettext("%(office)s, %(period)s: reopened."),
        None: gettext("%(office)s, %(period)s: may be filled in longer."),
    }
    messages.success(request, words[to] % named)
    if to not in (Status.APPROVED, Status.RETURNED):
        return redirect("review_report", pk=report.pk)
    if to == Status.APPROVED:
        _tell_conflicts(request, report)
    following = RegencyReport.objects.visible_to(request.user).waiting().exclude(pk=report.pk).first()
    return redirect("review_report", pk=following.pk) if following else redirect("report_list")


def _tell_conflicts(request, report):
    """Where a person chose other figures, these stand beside them: say how many, and where they are listed."""
    count = conflicts(Figure.objects.filter(source__url=public_path(report))).count()
    if not count:
        return
    text = ngettext(
        "%(count)s figure stands beside another that a person chose as the office's.",
        "%(count)s figures stand beside others that a person chose as the office's.",
        count,
    ) % {"count": format_number(count)}
    url = f"{reverse('admin:figures_figure_changelist')}?quality__exact={Figure.Quality.CONFLICTING}"
    messages.warning(request, format_html('{} <a href="{}">{}</a>', text, url, gettext("See them")))
