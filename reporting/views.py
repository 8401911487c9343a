"""/kerja/laporan/<id>/: the form of one report, filled in on a phone with a weak signal.

Everything works by plain posts; the script only saves on its own and keeps a copy on the device while offline.
Nothing is ever submitted but by the button.
"""

import json
import re
import secrets
from dataclasses import dataclass, field

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from common.dates import day_of, format_moment
from common.models import ChangedMeanwhile, StepRefused
from common.numbers import write_number
from files.upload import limited_upload
from reporting import drafts
from reporting.attachments import FILE, REMOVE, take_in
from reporting.comparison import story
from reporting.filling import NA, WHY, fill, lines_of, typed_from
from reporting.models import NotReady, RegencyReport, Status

VIEW, FILL, SUBMIT = "reporting.view_regencyreport", "reporting.fill_report", "reporting.submit_report"
# The names of the buttons.
SEND, TAKE, TAKE_ALL = "kirim", "pakai", "pakai-semua"
# The id of an opened page; the script adds the number of the copy on the device.
PAGE = re.compile(r"[A-Za-z0-9_-]{1,22}(\.[0-9]{1,15})?")
# How many saves are told to a device that asks whether its copies arrived.
SAVES_TOLD = 50


@dataclass(frozen=True)
class Posted:
    """What came with the form: what was typed, since which version, in which opened page."""

    typed: dict
    base: int
    page: str


@dataclass
class Shown:
    """What the page adds to a filled form: what went wrong just now, and what somebody else saved."""

    asked_to_send: bool = False
    refused: str = ""
    refused_file: str = ""
    meeting: object = None
    left_out: list = field(default_factory=list)
    # The version that the form was opened at, where it shows what is not kept; else it shows what is.
    unsaved_since: int | None = None


def _reports():
    return RegencyReport.objects.select_related("period__form", "form", "regency", "saved_by")


@csrf_exempt
@permission_required(VIEW, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
@limited_upload(keeps_fields=True)
def report(request, pk):
    """The form, or what was submitted; a post saves the draft, and submits it where its button says so."""
    if request.method == "POST":
        return fill_in(request, pk)
    found = get_object_or_404(_reports().visible_to(request.user), pk=pk)
    return _page(request, found, fill(found), Shown())


@permission_required(FILL, raise_exception=True)
def fill_in(request, pk):
    """Keep what was typed; then take over numbers of the register, submit, or just say that it is kept."""
    found = get_object_or_404(_reports().fillable_by(request.user), pk=pk)
    posted = _posted(request, found)
    if TAKE in request.POST or TAKE_ALL in request.POST:
        _take_over(found, posted.typed, request.POST.get(TAKE))
    try:
        meeting = drafts.save(found, posted.typed, base=posted.base, by=request.user, page=posted.page)
    except StepRefused as refused:
        return _refuse(request, pk, posted, refused)
    if meeting and meeting.clashes:
        shown = Shown(meeting=meeting, unsaved_since=meeting.version)
        return _page(request, found, fill(found, meeting.typed), shown, status=409)
    try:
        refused_file = take_in(request, found)
    except ChangedMeanwhile:
        return _changed(request, pk)
    if SEND in request.POST:
        return hand_in(request, found, posted, Shown(meeting=meeting, refused_file=refused_file))
    return _kept(request, found, Shown(meeting=meeting, refused_file=refused_file))


def _kept(request, found, shown):
    """The answer to a draft that was saved."""
    if shown.refused_file:
        return _page(request, found, fill(found), shown)
    if shown.meeting:
        words = gettext("Taken over:") + " " + ", ".join(shown.meeting.taken)
        messages.warning(request, f"{shown.meeting.sentence} {words}")
    if TAKE not in request.POST and TAKE_ALL not in request.POST:
        messages.success(request, gettext("Kept as a draft. It is not submitted yet."))
    return redirect(f"{found.get_absolute_url()}{_place(request)}")


@permission_required(SUBMIT, raise_exception=True)
def hand_in(request, found, posted, shown):
    """Submit what was just kept, unless there is something in it that this person has not seen or meant otherwise."""
    filled = fill(found)
    if shown.meeting or shown.refused_file:
        shown.asked_to_send = True
        return _page(request, found, filled, shown, status=409 if shown.meeting else 200)
    try:
        step = found.submit(filled, by=request.user)
    except NotReady as refused:
        return _page(request, found, refused.filled, Shown(asked_to_send=True))
    except StepRefused as refused:
        return _refuse(request, found.pk, posted, refused)
    except ChangedMeanwhile:
        return _changed(request, found.pk)
    text = gettext("Submitted: %(report)s, %(moment)s. Number of the receipt: %(number)s.")
    words = {"report": found.period, "moment": format_moment(step.made_at), "number": step.number}
    messages.success(request, text % words)
    return redirect(found)


def _refuse(request, pk, posted, refused):
    """The answer where the draft can no longer be changed: what was typed comes back, in the form or to be copied."""
    found = _reports().get(pk=pk)
    if found.status in found.FILLABLE:
        shown = Shown(refused=str(refused), unsaved_since=posted.base)
        return _page(request, found, fill(found, posted.typed), shown, status=409)
    left = drafts.left_out(found, posted.typed, posted.base, page=posted.page)
    words = str(refused)
    if SEND in request.POST and found.status == Status.SUBMITTED:
        words = gettext("Already submitted; nothing was sent twice. %(told)s") % {"told": refused}
        if not left:
            messages.info(request, words)
            return redirect(found)
    return _page(request, found, fill(found), Shown(refused=words, left_out=left), status=409)


def _changed(request, pk):
    """The answer where somebody saved between two steps of this one: what was typed is in the draft already."""
    found = _reports().get(pk=pk)
    words = gettext("Somebody saved this report just now. What you typed is kept as a draft.")
    if SEND in request.POST:
        words += " " + gettext("Nothing was submitted: check it and submit again.")
    return _page(request, found, fill(found), Shown(refused=words), status=409)


@permission_required(FILL, raise_exception=True)
@require_POST
def autosave(request, pk):
    """The same as saving by hand, for the script: JSON in place of a page; never submits."""
    found = get_object_or_404(_reports().fillable_by(request.user), pk=pk)
    posted = _posted(request, found)
    try:
        meeting = drafts.save(found, posted.typed, base=posted.base, by=request.user, page=posted.page)
    except StepRefused as refused:
        return JsonResponse({"detail": str(refused)}, status=409)
    answer = {"version": found.version, "saved": gettext("Saved %(moment)s") % {"moment": _clock()}}
    if meeting:
        answer |= _met(meeting)
    return JsonResponse(answer, status=409 if meeting and meeting.clashes else 200)


def _met(meeting):
    return {
        "version": meeting.version,
        "sentence": meeting.sentence,
        "taken": meeting.taken,
        "fields": fields_of(meeting.typed),
        "clashes": [
            {"name": one.name, "label": one.label, "mine": one.mine, "theirs": one.theirs} for one in meeting.clashes
        ],
    }


def fields_of(typed):
    """What was typed as the fields of the form hold it: `{name: text or list}`."""
    found: dict = {"masalah": [str(pk) for pk in typed.get("problems", ())], "act": typed.get("act", "")}
    for code, said in typed.get("lines", {}).items():
        found[code] = said.get("typed", "")
        found[f"{code}{NA}"] = "1" if said.get("na") else ""
        found[f"{code}{WHY}"] = said.get("why", "")
    return found


def _posted(request, found):
    version, page = request.POST.get("version", ""), request.POST.get("page", "")
    is_known = version.isascii() and version.isdigit() and len(version) < 10 and int(version) <= found.version
    # Whoever does not say what was seen has seen nothing: all that others saved is held against it.
    base = int(version) if is_known else 0
    return Posted(typed_from(request.POST, lines_of(found)), base, page if PAGE.fullmatch(page) else "")


def _page_id(request):
    """The id of the page as it is opened now: the same through all its posts, another whenever it is opened anew."""
    page = request.POST.get("page", "")
    return drafts.page_of(page) if PAGE.fullmatch(page) else secrets.token_urlsafe(12)


def _arrived(request, found):
    """The newest copies of this person's pages that arrived here, so that a device need not keep them."""
    marks = found.saves.filter(by=request.user, page__contains=".").order_by("-version").values_list("page", flat=True)
    newest: dict[str, str] = {}
    for mark in marks[:SAVES_TOLD]:
        newest.setdefault(drafts.page_of(mark), mark)
    return " ".join(newest.values())


def _take_over(found, typed, code):
    """Put numbers of the register into what was typed: into one line, or into all that are blank."""
    for row in fill(found, typed).rows:
        if row.register is not None and (row.code == code or (code is None and row.is_blank)):
            said = typed["lines"].setdefault(row.code, {})
            said["typed"] = write_number(row.register)
            said.pop("na", None)


def _place(request):
    """Where on the page to go on: at the line whose button was pressed."""
    code = request.POST.get(TAKE, "")
    if FILE in request.FILES or REMOVE in request.POST:
        return "#attachments"
    return f"#r-{code}" if code.isidentifier() else ""


def _clock():
    now = timezone.localtime(timezone.now(), timezone.get_default_timezone())
    return f"{now:%H.%M} WITA"


def _page(request, found, filled, shown, status=200):
    steps = story(found, filled)
    now = timezone.now()
    returned = steps[-1] if steps and found.status in (Status.RETURNED, Status.REOPENED) else None
    is_own = request.user.has_perm(FILL) and found.regency_id == request.user.regency_id
    may_fill = is_own and found.status in found.FILLABLE
    is_open = found.is_open(now)
    _mark_rows(filled, shown, returned)
    context = {
        "report": found,
        "filled": filled,
        "shown": shown,
        "steps": steps[::-1],
        "returned": returned,
        "is_form": may_fill and (is_open or status == 409),
        "is_closed": may_fill and not is_open,
        "state": found.period.state_on(now),
        "days_left": (found.period.due_on - day_of(now)).days,
        "offers": any(row.register is not None and row.is_blank for row in filled.rows),
        "to_mend": len(filled.blocked) + bool(shown.refused_file),
        "na": NA,
        "why": WHY,
        **(_of_device(request, found, shown) if is_own else {}),
    }
    return render(request, "reporting/report.html", context, status=status)


def _of_device(request, found, shown):
    """What the script needs to tell which of its copies arrived here."""
    return {
        "is_own": True,
        "version": found.version if shown.unsaved_since is None else shown.unsaved_since,
        "page_id": _page_id(request),
        "arrived": _arrived(request, found),
        "stored": json.dumps(fields_of(found.typed), ensure_ascii=False),
    }


def _mark_rows(filled, shown, returned):
    clashing = {one.name for one in shown.meeting.clashes} if shown.meeting else set()
    for row in filled.rows:
        row.remark = _remark(returned, row)
        row.shown = [one for one in row.findings if shown.asked_to_send or one.code not in ("blank", "reason")]
        # What a link leads to must not be folded away.
        row.is_unfolded = bool(row.wants_why or row.typed_why or row.shown or f"{row.code}{WHY}" in clashing)


def _remark(returned, row):
    """What the reviewer said of this line when the report came back."""
    remarks = returned.remarks if returned else ()
    return next((one.text for one in remarks if one.line.indicator_id == row.line.indicator_id), "")
