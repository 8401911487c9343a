"""/kerja/rapat/tindak-lanjut/: what was agreed, for who owes it and for the office that confirms it."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.acts import acting, carry_out, is_late
from common.models import DataVersion
from common.paging import CappedPaginator
from files.serving import serve
from files.upload import WITH_FIELDS
from meetings.acts import act_page, follow_up_of, meeting_of, taken_at
from meetings.agreements import agree, move, note_progress, revise
from meetings.filters import FollowUpFilter
from meetings.forms.agreements import AgreeForm, DecideForm, ProgressForm, ReportForm, ReviseFollowUpForm
from meetings.models import Evidence, FollowUp
from meetings.steps import MANAGE, PROMISE_ACTS, PROMISE_NEXT, REPORT, Promise

VIEW = "meetings.view_followup"
PER_PAGE = 25
MINE, TO_CONFIRM = "saya", "konfirmasi"


@permission_required(VIEW, raise_exception=True)
@require_safe
def follow_up_list(request):
    """What this person may see, by due day; `?siapa=saya` what one owes, `konfirmasi` what waits for the office."""
    rows = FollowUp.objects.visible_to(request.user)
    whose = request.GET.get("siapa", "")
    if whose == MINE:
        rows = rows.owed_by(request.user).open()
    elif whose == TO_CONFIRM:
        rows = rows.filter(status=Promise.REPORTED)
    asked = FollowUpFilter(request.GET, rows)
    context = {
        "form": asked.form,
        "asked": asked.asked,
        "whose": whose,
        "page": CappedPaginator(asked.qs.for_list().by_due_day(), PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "meetings/follow_up_list.html", context)


@permission_required(VIEW, raise_exception=True)
@require_safe
def follow_up_record(request, pk):
    follow_up = follow_up_of(request, pk)
    at = taken_at(request, follow_up)
    steps = list(follow_up.steps.select_related("by", "meeting").prefetch_related("evidence__file"))
    context = {
        "follow_up": follow_up,
        "steps": steps,
        "at": at,
        "next": [
            (to, PROMISE_ACTS[Promise(follow_up.status), to])
            for to in PROMISE_NEXT[Promise(follow_up.status)]
            if _may(request.user, follow_up, to)
        ],
        "waits_for_other": follow_up.status == Promise.REPORTED and follow_up.reported_by_id == request.user.pk,
        "may_note": follow_up.is_open and follow_up.may_report(request.user),
        "may_revise": request.user.has_perm(MANAGE),
    }
    return render(request, "meetings/follow_up_record.html", context)


def _may(user, follow_up, to):
    """Whether this person may take this step now."""
    needs = PROMISE_NEXT[Promise(follow_up.status)][to]
    if needs.other_person and follow_up.reported_by_id == user.pk:
        return False
    return follow_up.may_report(user) if needs.permission == REPORT else user.has_perm(needs.permission)


def _trail(follow_up):
    return [(_("Follow-ups"), reverse("follow_up_list")), (str(follow_up), follow_up.get_record_url())]


def _back(follow_up, at):
    """Where an act leads back to: the meeting at which it was taken, else the follow-up."""
    return at.get_record_url() if at else follow_up.get_record_url()


# Entering -------------------------------------------------------------------------------------------


@acting(MANAGE)
def add_follow_up(request, pk):
    """Enter what a meeting agreed, one at a time; after each the form is there for the next."""
    meeting = meeting_of(request, pk)
    blank = FollowUp(meeting=meeting, is_demo=DataVersion.demo_is_in(), is_public=True)
    form = AgreeForm(request.POST or None, meeting=meeting, instance=blank)
    if request.method == "POST" and form.is_valid():
        form.instance.entry_key = form.cleaned_data["key"]
        is_there = form.entered_of(FollowUp) is not None
        if is_there or carry_out(form, lambda: agree(form.instance, by=request.user)):
            messages.success(request, _("Entered. You can enter the next agreement."))
            return redirect("add_follow_up", pk=pk)
    context = {
        "form": form,
        "title": _("What was agreed"),
        "submit": _("Enter"),
        "back_url": meeting.get_record_url(),
        "trail": [(_("Meetings"), reverse("meeting_list")), (meeting.title, meeting.get_record_url())],
        "follow_ups": list(meeting.follow_ups.visible_to(request.user).for_list().by_due_day()),
    }
    return render(request, "meetings/add_follow_up.html", context, status=409 if is_late(form) else 200)


@acting(MANAGE)
def revise_follow_up(request, pk):
    follow_up = follow_up_of(request, pk)
    form = ReviseFollowUpForm(request.POST or None, record=follow_up)

    def act(form):
        revise(form.as_read(), form.facts(), by=request.user, reason=form.cleaned_data["reason"])

    return act_page(
        request,
        form,
        act,
        title=_("Correct a follow-up"),
        done=_("Saved."),
        back_url=follow_up.get_record_url(),
        trail=_trail(follow_up),
        submit=_("Save"),
    )


# What became of it ----------------------------------------------------------------------------------


@acting(REPORT, files=WITH_FIELDS)
def note_follow_up(request, pk):
    """Put down how it goes on, with or without evidence."""
    follow_up = follow_up_of(request, pk)
    at = taken_at(request, follow_up)
    if not follow_up.may_report(request.user):
        raise PermissionDenied
    form = ProgressForm(request.POST or None, request.FILES or None, record=follow_up, request=request, meeting=at)

    def act(form):
        if (evidence := form.evidence()) is not None:
            note = form.cleaned_data["note"]
            note_progress(form.as_read(), by=request.user, note=note, evidence=evidence, meeting=at)

    return act_page(
        request,
        form,
        act,
        title=_("Report progress"),
        done=_("Saved."),
        back_url=_back(follow_up, at),
        trail=_trail(follow_up),
        submit=_("Save"),
    )


@acting(VIEW, files=WITH_FIELDS)
def move_follow_up(request, pk, to):
    """Take one step of the table: reported as done, confirmed, sent back, dropped, reopened."""
    if to not in Promise.values:
        raise Http404
    follow_up, to = follow_up_of(request, pk), Promise(to)
    at = taken_at(request, follow_up)
    needs = PROMISE_NEXT[Promise(follow_up.status)].get(to)
    if needs is None:
        messages.warning(request, _("The follow-up is “%(status)s” now.") % {"status": follow_up.get_status_display()})
        return redirect(follow_up.get_record_url())
    if not _may(request.user, follow_up, to) and not needs.other_person:
        raise PermissionDenied
    if not request.user.has_perm(needs.permission):
        raise PermissionDenied
    if needs.evidence:
        form = ReportForm(request.POST or None, request.FILES or None, record=follow_up, request=request, meeting=at)
    else:
        is_public = follow_up.is_public and to == Promise.DROPPED
        form = DecideForm(request.POST or None, record=follow_up, needs=needs, is_public=is_public, meeting=at)

    def act(form):
        data = form.cleaned_data
        evidence = form.evidence() if needs.evidence else []
        if evidence is not None:
            move(
                form.as_read(),
                to,
                by=request.user,
                note=data["note"],
                done_on=data.get("done_on"),
                evidence=evidence,
                meeting=at,
            )

    act_words = PROMISE_ACTS[Promise(follow_up.status), to]
    return act_page(
        request,
        form,
        act,
        title=act_words,
        done=_("Saved."),
        back_url=_back(follow_up, at),
        trail=_trail(follow_up),
        submit=act_words,
        lead=follow_up.text,
    )


@permission_required(VIEW, raise_exception=True)
@require_safe
def evidence_file(request, pk):
    """A file that is evidence of a follow-up that this person may see."""
    seen = FollowUp.objects.visible_to(request.user)
    found = Evidence.objects.filter(follow_up__in=seen).exclude(file=None).select_related("file")
    return serve(get_object_or_404(found, pk=pk).file)
