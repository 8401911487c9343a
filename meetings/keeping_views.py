"""The record of a meeting: agenda, attendance, minutes, documents."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.acts import ActForm, acting, carry_out, is_late
from common.models import StepRefused
from files.serving import serve
from files.upload import WITH_FIELDS
from meetings import papers
from meetings.acts import act_page, meeting_of
from meetings.forms.keeping import AgendaForm, AttendanceRows, DocumentForm, MinutesForm
from meetings.keeping import add_document, publish, set_agenda, set_attendance, set_minutes
from meetings.models import Meeting, MeetingDocument
from meetings.record_views import NAMES, VIEW
from meetings.steps import MANAGE


def _page(request, meeting, form, act, title, **context):
    trail = [(_("Meetings"), reverse("meeting_list")), (meeting.title, meeting.get_record_url())]
    options = {"title": title, "done": _("Saved."), "submit": _("Save"), "back_url": meeting.get_record_url()}
    return act_page(request, form, act, trail=trail, **options, **context)


@acting(MANAGE)
def edit_agenda(request, pk):
    meeting = meeting_of(request, pk)
    form = AgendaForm(request.POST or None, record=meeting)

    def act(form):
        set_agenda(form.as_read(), form.kept, form.cleaned_data["more"], by=request.user)

    return _page(request, meeting, form, act, _("Agenda"))


@acting(MANAGE)
def edit_minutes(request, pk):
    meeting = meeting_of(request, pk)
    initial = {"summary": meeting.summary, "minutes": meeting.minutes}
    form = MinutesForm(request.POST or None, record=meeting, initial=initial)

    def act(form):
        data = form.cleaned_data
        set_minutes(form.as_read(), minutes=data["minutes"], summary=data["summary"], by=request.user)

    return _page(request, meeting, form, act, _("Minutes and summary"))


@acting(MANAGE)
def edit_attendance(request, pk):
    """All institutions of the list in one form, with empty rows for further ones."""
    meeting = meeting_of(request, pk)
    form = ActForm(request.POST or None, record=meeting)
    rows = AttendanceRows(request.POST or None, queryset=meeting.attendance.all(), prefix="hadir")
    if request.method == "POST" and all([form.is_valid(), rows.is_valid()]):
        saved = rows.save(commit=False)

        def act():
            set_attendance(form.as_read(), saved, rows.deleted_objects, by=request.user)

        if carry_out(form, act):
            messages.success(request, _("Saved."))
            return redirect("edit_attendance" if "more" in request.POST else "meeting_record", pk=pk)
    context = {"meeting": meeting, "form": form, "rows": rows}
    return render(request, "meetings/attendance.html", context, status=409 if is_late(form) else 200)


@permission_required(VIEW, raise_exception=True)
@require_safe
def meeting_minutes(request, pk):
    """The minutes as a paper, for whoever sees the meeting in the workspace; names only for whoever may read them."""
    meeting = meeting_of(request, pk)
    agreed = list(meeting.follow_ups.visible_to(request.user).for_list().by_due_day())
    regencies = list(meeting.regencies.defer("boundary", "note").order_by("name"))
    content = papers.minutes_paper(
        meeting, regencies, agreed, list(meeting.attendance.all()), with_names=request.user.has_perm(NAMES)
    )
    return papers.answer(content, f"notulen-{pk}.pdf")


# Documents ------------------------------------------------------------------------------------------


@acting(MANAGE, files=WITH_FIELDS)
def add_meeting_document(request, pk):
    meeting = meeting_of(request, pk)
    form = DocumentForm(request.POST or None, request.FILES or None, request=request)

    def act(form):
        if guarded := form.keep():
            data = form.cleaned_data
            document = MeetingDocument(kind=data["kind"], title=data["title"], file=guarded)
            add_document(meeting, document, by=request.user)

    return _page(request, meeting, form, act, _("Add a document"))


@permission_required(VIEW, raise_exception=True)
@require_safe
def meeting_document_file(request, pk):
    """A document of a meeting that this person may see; sheets with names only for whoever may read names."""
    documents = MeetingDocument.objects.filter(meeting__in=Meeting.objects.visible_to(request.user))
    if not request.user.has_perm(NAMES):
        documents = documents.exclude(kind=MeetingDocument.Kind.ATTENDANCE)
    return serve(get_object_or_404(documents.select_related("file"), pk=pk).file)


@permission_required(MANAGE, raise_exception=True)
@require_POST
def publish_document(request, pk):
    """Publish a document, or take it back with `terbit=0`."""
    documents = MeetingDocument.objects.filter(meeting__in=Meeting.objects.visible_to(request.user))
    document = get_object_or_404(documents, pk=pk)
    is_public = request.POST.get("terbit") == "1"
    try:
        publish(document, by=request.user, is_public=is_public)
    except StepRefused as refused:
        messages.error(request, str(refused))
    else:
        done = _("Published: everybody may download it.") if is_public else _("Taken back: it is private again.")
        messages.success(request, done)
    return redirect("meeting_record", pk=document.meeting_id)
