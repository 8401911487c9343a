"""/kerja/laporan/<id>/: the form of one report, filled in on a phone with a weak signal.

Everything works by plain posts; the script only saves on its own and keeps a copy on the device while offline.
Nothing is ever submitted but by the button.
"""

from dataclasses import dataclass, field

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from common.dates import format_moment
from common.models import ChangedMeanwhile, StepRefused
from common.numbers import write_number
from files.upload import limited_upload
from reporting import drafts
from reporting.attachments import FILE, REMOVE, take_in
from reporting.comparison import story
from reporting.filling import NA, WHY, fill, lines_of, typed_from
from reporting.models import NotReady, RegencyReport, Status
from reporting.models.report import AlreadyDone

VIEW, FILL, SUBMIT = "reporting.view_regencyreport", "reporting.fill_report", "reporting.submit_report"
# The names of the buttons.
SEND, TAKE, TAKE_ALL = "kirim", "pakai", "pakai-semua"


@dataclass
class Shown:
    """What the page adds to a filled form: what went wrong just now, and what somebody else saved."""

    asked_to_send: bool = False
    refused: str = ""
    refused_file: str = ""
    meeting: object = None
    findings: list = field(default_factory=list)


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
    typed = typed_from(request.POST, lines_of(found))
    if TAKE in request.POST or TAKE_ALL in request.POST:
        _take_over(found, typed, request.POST.get(TAKE))
    try:
        meeting = drafts.save(found, typed, base=_base(request, found), by=request.user)
    except StepRefused as refused:
        if SEND in request.POST and found.status == Status.SUBMITTED:
            return _already(request, found, refused)
        return _page(request, found, fill(found, typed), Shown(refused=str(refused)), status=409)
    if meeting and meeting.clashes:
        return _page(request, found, fill(found, meeting.typed), Shown(meeting=meeting), status=409)
    if meeting and meeting.taken:
        words = gettext("Taken over:") + " " + ", ".join(meeting.taken)
        messages.warning(request, f"{meeting.sentence} {words}")
    try:
        if refused_file := take_in(request, found):
            return _page(request, found, fill(found), Shown(refused_file=refused_file))
    except ChangedMeanwhile:
        return _page(request, found, fill(found), Shown(refused=_just_now()), status=409)
    if SEND in request.POST:
        return hand_in(request, found)
    if TAKE not in request.POST and TAKE_ALL not in request.POST:
        messages.success(request, gettext("Kept as a draft. It is not submitted yet."))
    return redirect(f"{found.get_absolute_url()}{_place(request)}")


@permission_required(SUBMIT, raise_exception=True)
def hand_in(request, found):
    """Submit what was just kept."""
    try:
        step = found.submit(fill(found), by=request.user)
    except NotReady as refused:
        return _page(request, found, refused.filled, Shown(asked_to_send=True))
    except AlreadyDone as refused:
        return _already(request, found, refused)
    except (StepRefused, ChangedMeanwhile) as refused:
        words = str(refused) if isinstance(refused, StepRefused) else _just_now()
        return _page(request, found, fill(found), Shown(refused=words), status=409)
    text = gettext("Submitted: %(report)s, %(moment)s. Number of the receipt: %(number)s.")
    words = {"report": found.period, "moment": format_moment(step.made_at), "number": step.number}
    messages.success(request, text % words)
    return redirect(found)


@permission_required(FILL, raise_exception=True)
@require_POST
def autosave(request, pk):
    """The same as saving by hand, for the script: JSON in place of a page; never submits."""
    found = get_object_or_404(_reports().fillable_by(request.user), pk=pk)
    typed = typed_from(request.POST, lines_of(found))
    try:
        meeting = drafts.save(found, typed, base=_base(request, found), by=request.user)
    except StepRefused as refused:
        return JsonResponse({"detail": str(refused)}, status=409)
    answer = {"version": found.version, "saved": gettext("Saved %(moment)s") % {"moment": _clock()}}
    if meeting:
        answer |= {
            "version": meeting.version,
            "sentence": meeting.sentence,
            "taken": meeting.taken,
            "fields": fields_of(meeting.typed),
            "clashes": [
                {"name": one.name, "label": one.label, "mine": one.mine, "theirs": one.theirs}
                for one in meeting.clashes
            ],
        }
    return JsonResponse(answer, status=409 if meeting and meeting.clashes else 200)


def fields_of(typed):
    """What was typed as the fields of the form hold it: `{name: text or list}`."""
    found: dict = {"masalah": [str(pk) for pk in typed.get("problems", ())], "act": typed.get("act", "")}
    for code, said in typed.get("lines", {}).items():
        found[code] = said.get("typed", "")
        found[f"{code}{NA}"] = "1" if said.get("na") else ""
        found[f"{code}{WHY}"] = said.get("why", "")
    return found


def _base(request, found):
    """The version that the form was opened at."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else found.version


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


def _already(request, found, refused):
    """The answer to a repeat: it is done, and nothing happened twice."""
    messages.info(request, gettext("Already submitted; nothing was sent twice. %(told)s") % {"told": refused})
    return redirect(found)


def _just_now():
    return gettext("Somebody saved this report just now.")


def _clock():
    now = timezone.localtime(timezone.now(), timezone.get_default_timezone())
    return f"{now:%H.%M} WITA"


def _page(request, found, filled, shown, status=200):
    steps = story(found, filled)
    now = timezone.now()
    returned = steps[-1] if steps and found.status in (Status.RETURNED, Status.REOPENED) else None
    may_fill = (
        found.status in found.FILLABLE and request.user.has_perm(FILL) and found.regency_id == request.user.regency_id
    )
    for row in filled.rows:
        row.remark = _remark(returned, row)
        row.shown = [one for one in row.findings if shown.asked_to_send or one.code not in ("blank", "reason")]
    context = {
        "report": found,
        "filled": filled,
        "shown": shown,
        "steps": steps[::-1],
        "returned": returned,
        "is_form": may_fill and (found.is_open(now) or status == 409),
        "is_closed": may_fill and not found.is_open(now),
        "state": found.period.state_on(now),
        "days_left": (found.period.due_on - timezone.localdate(now, timezone.get_default_timezone())).days,
        "offers": any(row.register is not None and row.is_blank for row in filled.rows),
        "na": NA,
        "why": WHY,
    }
    return render(request, "reporting/report.html", context, status=status)


def _remark(returned, row):
    """What the reviewer said of this line when the report came back."""
    remarks = returned.remarks if returned else ()
    return next((one.text for one in remarks if one.line.indicator_id == row.line.indicator_id), "")
