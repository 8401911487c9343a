"""Planning: a round over the regencies, one meeting, and its steps."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from common.acts import acting, carry_out, is_late
from common.dates import today
from common.models import DataVersion
from meetings.acts import act_page, meeting_of
from meetings.coverage import coverage
from meetings.forms.planning import PlanForm, ReviseForm, ReviseRoundForm, RoundForm, RowForm, StepForm, TakeOutForm
from meetings.models import SUBJECT, Meeting, Round
from meetings.planning import conflicts_of, move, plan, revise, take_out
from meetings.steps import MANAGE, MEETING_ACTS, MEETING_NEXT, Status
from regions.models import Regency


def _trail(meeting=None):
    trail = [(_("Meetings"), reverse("meeting_list"))]
    return [*trail, (meeting.title, meeting.get_record_url())] if meeting else trail


def _point_out(request, meetings):
    """Say what stands in the way of new meetings; it is allowed all the same."""
    for conflicts in conflicts_of(meetings).values():
        for conflict in conflicts:
            messages.warning(request, str(conflict))


# A round --------------------------------------------------------------------------------------------


@acting(MANAGE)
def new_round(request):
    form = RoundForm(
        request.POST or None, instance=Round(is_demo=DataVersion.demo_is_in()), initial={"year": today().year}
    )
    if request.method == "POST" and form.is_valid():
        made = form.instance
        made.slug = _free_slug(f"{made.name}-{made.year}")
        made._history_user = request.user
        if carry_out(form, lambda: _save_round(made)):
            messages.success(request, _("Saved. Now plan its meetings."))
            return redirect("plan_round", pk=made.pk)
    context = {"form": form, "title": _("A new round of meetings"), "submit": _("Save"), "trail": _trail()}
    context["back_url"] = reverse("meeting_list")
    return render(request, "meetings/act.html", context, status=409 if is_late(form) else 200)


@acting(MANAGE)
def revise_round(request, pk):
    """Correct the name, year or note of a round; its address stays."""
    one = get_object_or_404(Round, pk=pk)
    form = ReviseRoundForm(request.POST or None, record=one)

    @transaction.atomic
    def act(form):
        made = form.instance
        made.claim(form.as_read().version)
        made._history_user, made._change_reason = request.user, form.cleaned_data["reason"]
        _save_round(made)

    return act_page(
        request,
        form,
        act,
        title=_("Correct the round"),
        done=_("Saved."),
        back_url=reverse("plan_round", args=[pk]),
        trail=_trail(),
        submit=_("Save"),
    )


@transaction.atomic
def _save_round(made):
    made.save()
    made.meetings.all().refresh_search()
    DataVersion.bump(SUBJECT)


def _free_slug(text):
    """A short address name that no other round has."""
    base = slugify(text)[:52].strip("-") or "putaran"
    taken = set(Round.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in [base, *(f"{base}-{n}" for n in range(2, 1000))] if slug not in taken)


@acting(MANAGE)
def plan_round(request, pk):
    """The regencies that a round has not come to, a row each: those with a day become meetings, all or none."""
    one = get_object_or_404(Round, pk=pk)
    found = coverage([one])
    missing = [regency for regency, cells in found.rows if cells[0] is not None and cells[0].meeting is None]
    rows = [(regency, RowForm(request.POST or None, prefix=f"w{regency.pk}")) for regency in missing]
    form = None
    if request.method == "POST":
        valid = [row.is_valid() for _regency, row in rows]
        filled = [(regency, row) for regency, row in rows if all(valid) and row.cleaned_data["starts_on"]]
        if all(valid) and not filled:
            messages.warning(request, _("Fill in the day of at least one regency."))
        elif filled and _all_planned(request, one, filled):
            return redirect("plan_round", pk=pk)
        form = next((row for _regency, row in rows if row.errors), None)
    context = {
        "round": one,
        "coverage": found,
        "reached": found.reached(),
        "rows": rows,
        "failed": [row for _regency, row in rows if row.errors],
    }
    return render(request, "meetings/round.html", context, status=409 if form is not None and is_late(form) else 200)


def _all_planned(request, one, filled):
    """Plan each; whether it was done. What one of them lacks stands beside its row, and none is entered."""
    made = []
    try:
        with transaction.atomic():
            for regency, row in filled:
                data = row.cleaned_data
                if data["key"] and Meeting.objects.filter(entry_key=data["key"]).exists():
                    continue
                meeting = Meeting(
                    title=one.name,
                    round=one,
                    host=regency,
                    entry_key=data["key"],
                    is_demo=DataVersion.demo_is_in(),
                    **{name: data[name] for name in ("starts_on", "start_time", "place", "chair")},
                )
                made.append(plan(meeting, [], by=request.user))
    except IntegrityError:
        filled[0][1].add_error(None, _("Somebody changed this just now. Look at it, then send the form again."))
        return False
    messages.success(request, _("%(count)s meetings planned.") % {"count": len(made)})
    _point_out(request, made)
    return True


# One meeting ----------------------------------------------------------------------------------------


@acting(MANAGE)
def plan_meeting(request):
    """A new meeting; `?putaran=` and `?wilayah=` fill in the round and the host."""
    initial = {}
    if one := Round.objects.filter(slug=request.GET.get("putaran", "")).first():
        initial |= {"round": one, "title": one.name}
    if host := Regency.objects.filter(slug=request.GET.get("wilayah", "")).first():
        initial["host"] = host.pk
    form = PlanForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        if done := form.entered_of(Meeting):
            messages.info(request, _("This was entered already; sending it again changed nothing."))
            return redirect(done.get_record_url())
        if carry_out(form, lambda: _plan(request, form)):
            messages.success(request, _("Saved."))
            _point_out(request, [form.instance])
            return redirect(form.instance.get_record_url())
    context = {"form": form, "title": _("A new meeting"), "submit": _("Save"), "trail": _trail()}
    context["back_url"] = reverse("meeting_list")
    return render(request, "meetings/act.html", context, status=409 if is_late(form) else 200)


def _plan(request, form):
    status = Status.HELD if form.cleaned_data["is_held"] else Status.PLANNED
    plan(form.instance, form.cleaned_data["regencies"], by=request.user, status=status)


@acting(MANAGE)
def revise_meeting(request, pk):
    meeting = meeting_of(request, pk)
    form = ReviseForm(request.POST or None, record=meeting)

    def act(form):
        data = form.cleaned_data
        revise(form.as_read(), form.facts(), by=request.user, regencies=data["regencies"], reason=data["reason"])
        _point_out(request, [meeting])

    return act_page(
        request,
        form,
        act,
        title=_("Correct the facts"),
        done=_("Saved."),
        back_url=meeting.get_record_url(),
        trail=_trail(meeting),
        submit=_("Save"),
    )


@acting(MANAGE)
def move_meeting(request, pk, to):
    """Take one step of the table: held, postponed, cancelled, planned anew."""
    if to not in Status.values:
        raise Http404
    meeting = meeting_of(request, pk)
    needs = MEETING_NEXT[Status(meeting.status)].get(Status(to))
    if needs is None:
        messages.warning(request, _("The meeting is “%(status)s” now.") % {"status": meeting.get_status_display()})
        return redirect(meeting.get_record_url())
    if not request.user.has_perm(needs.permission):
        raise PermissionDenied
    form = StepForm(request.POST or None, record=meeting, needs=needs, may_set_day=to == Status.POSTPONED)

    def act(form):
        data = form.cleaned_data
        move(form.as_read(), Status(to), by=request.user, reason=data.get("reason", ""), days=form.days)
        _point_out(request, [meeting])

    return act_page(
        request,
        form,
        act,
        title=MEETING_ACTS[Status(meeting.status), Status(to)],
        done=_("Saved."),
        back_url=meeting.get_record_url(),
        trail=_trail(meeting),
        submit=MEETING_ACTS[Status(meeting.status), Status(to)],
        lead=f"{meeting.title}{', ' if meeting.when else ''}{meeting.when}",
    )


@acting(MANAGE)
def take_out_meeting(request, pk):
    meeting = meeting_of(request, pk)
    return act_page(
        request,
        TakeOutForm(request.POST or None, record=meeting),
        lambda form: take_out(form.as_read(), by=request.user, reason=form.cleaned_data["reason"]),
        title=_("Take out a wrong entry"),
        done=_("Taken out. Its history stays."),
        back_url=reverse("meeting_list"),
        trail=_trail(meeting),
        submit=_("Take out"),
    )
