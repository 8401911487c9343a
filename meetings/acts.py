"""What the acts on meetings share: the meeting, the page of a form, and the meeting at which something is taken."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render

from common.acts import carry_out, is_late
from meetings.agreements import carried_over
from meetings.models import FollowUp, Meeting


def meeting_of(request, pk):
    """The meeting, where this person may see it; else 404, as one that does not exist."""
    meetings = Meeting.objects.visible_to(request.user).select_related("round", "host", "source")
    return get_object_or_404(meetings.defer("host__boundary"), pk=pk)


def follow_up_of(request, pk):
    """The follow-up, where this person may see it; else 404."""
    found = FollowUp.objects.visible_to(request.user).select_related(
        "meeting__host", "meeting__round", "regency", "person", "agenda_item", "reported_by"
    )
    return get_object_or_404(found.defer("meeting__host__boundary", "regency__boundary"), pk=pk)


def taken_at(request, follow_up):
    """The meeting that `rapat` names, at which the act is taken; None where it names none that carries this one."""
    key = (request.POST if request.method == "POST" else request.GET).get("rapat", "")
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    found = Meeting.objects.visible_to(request.user).filter(pk=key).first()
    return found if found and carried_over(found).filter(pk=follow_up.pk).exists() else None


def act_page(request, form, act, *, title, done, back_url, trail, submit, template="meetings/act.html", **context):
    """Show a form, or do what it asks and go back. `act` is the verb, `done` the sentence, `trail` its breadcrumbs."""
    if request.method == "POST" and form.is_valid() and carry_out(form, lambda: act(form)) and form.is_valid():
        messages.success(request, done)
        return redirect(back_url)
    context |= {"form": form, "title": title, "submit": submit, "back_url": back_url, "trail": trail}
    return render(request, template, context, status=409 if is_late(form) else 200)
