"""The pages of an import, the same for officers and office: upload, columns, result, and the verbs between them."""

from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q
from django.http import FileResponse, Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.models import ChangedMeanwhile
from common.numbers import format_number
from common.refusal import Refused
from files.upload import limited_upload
from imports import comparison, files, progress, reading, tasks
from imports.forms import ColumnsForm, PlaceForm, UndoForm, UploadForm, letter_of
from imports.headings import first_rows, remember
from imports.importer import importer_of, importers_for
from imports.models import ImportBatch, ImportRefused, ImportRow
from imports.receiving import LIMIT, receive, source_of
from imports.table import table_at

PER_LIST, PER_PAGE = 25, 50
# SQLite lets nobody write while an import writes, about a millisecond a row, and writers give up after 20 seconds
# (kaltim_koperasi.env): more than this is for a quiet hour and the shell.
MOST_ON_SQLITE = 10_000
EXAMPLES, PREVIEW_ROWS = 3, 12
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Action, Fate, State = ImportRow.Action, ImportRow.Fate, ImportBatch.State
# The result of the last check still speaks of the columns as they are.
JUDGED = {State.CHECKED, State.APPLIED, State.UNDONE}


def for_importers(view):
    """Let in who may import anything at all."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if not importers_for(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapped


def of_batch(view):
    """Give the view its batch: 404 for a foreign one, 403 for a kind that is not for this person."""

    @for_importers
    @wraps(view)
    def wrapped(request, pk):
        seen = ImportBatch.objects.visible_to(request.user).select_related("by", "applied_by", "undone_by", "regency")
        batch = get_object_or_404(seen, pk=pk)
        if not request.user.has_perm(batch.importer.permission):
            raise PermissionDenied
        return view(request, batch)

    return wrapped


def verb(view):
    """A POST about a batch as the person saw it: one that has moved on, or is being worked on, is left alone."""

    @of_batch
    @require_POST
    @wraps(view)
    def wrapped(request, batch):
        work = progress.of(batch)
        if not batch.is_worked_on_by(request.user):
            messages.warning(request, gettext("The officers of this regency go on with this file. You can look at it."))
        elif work is not None and not progress.is_stopped(batch, work):
            messages.warning(request, gettext("Somebody is working on this import already. Wait for the end."))
        elif request.POST.get("version") != str(batch.version):
            messages.warning(request, gettext("This import has changed meanwhile. Look at it again."))
        else:
            try:
                return view(request, batch) or redirect(batch)
            except Refused as refused:
                messages.error(request, str(refused))
            except ChangedMeanwhile:
                messages.warning(request, gettext("This import has changed meanwhile. Look at it again."))
        return redirect(batch)

    return wrapped


# -- Upload ----------------------------------------------------------------------------------------


@csrf_exempt
@for_importers
@require_http_methods(["GET", "HEAD", "POST"])
@limited_upload(LIMIT)
def import_list(request):
    """The files so far, and the form for the next one."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*sent, user=request.user, kind=request.GET.get("jenis"))
    if sent and form.is_valid():
        return redirect(_receive(request, form))
    labels = {one.kind: one.label for one in importers_for(request.user)}
    batches = ImportBatch.objects.visible_to(request.user).filter(kind__in=labels).select_related("by", "regency")
    page = Paginator(batches, PER_LIST).get_page(request.GET.get("page"))
    rows = [(batch, labels[batch.kind]) for batch in page]
    context = {"form": form, "page": page, "rows": rows, "labels": labels}
    return render(request, "imports/import_list.html", context)


def _receive(request, form):
    upload = form.cleaned_data["file"]
    kind, by = form.cleaned_data["kind"], request.user
    batch = receive(upload, kind=kind, by=by)
    tasks.start(progress.READ, batch, by=by)
    return batch


@for_importers
@require_safe
def import_template(request, kind):
    """An empty workbook for one kind of file, with its dropdowns and notes."""
    try:
        importer = importer_of(kind)
    except KeyError:
        raise Http404 from None
    if not request.user.has_perm(importer.permission):
        raise PermissionDenied
    run = importer(request.user)
    run.prepare()
    return _workbook(files.template(run), gettext("template-%(kind)s") % {"kind": kind})


# -- One import ------------------------------------------------------------------------------------


@of_batch
@require_safe
def import_batch(request, batch):
    """Where the import stands, and what can be done next."""
    return _batch_page(request, batch)


def _batch_page(request, batch, *, place=None, columns=None, undo=None):
    work = progress.of(batch)
    stopped = work is not None and progress.is_stopped(batch, work)
    context = {
        "batch": batch,
        "label": batch.importer.label,
        "work": work,
        "so_far": _so_far(work) if work is not None else "",
        "stopped": stopped,
        "may_work": batch.is_worked_on_by(request.user),
        "same": ImportBatch.objects.of_same_file(batch).select_related("applied_by").first(),
    }
    if work is None or stopped:
        if batch.state in {State.READ, State.CHECKED}:
            context |= _columns_context(request, batch, place, columns)
        if batch.state in {State.CHECKED, State.APPLIED, State.UNDONE}:
            context |= _result_context(batch)
        if batch.state == State.APPLIED:
            context["undo"] = undo or UndoForm()
        if batch.state not in {State.RECEIVED, State.UNREADABLE}:
            others = [one for one in importers_for(request.user) if one.kind in batch.importer.beside]
            # As values: a template would call the class.
            context["beside"] = [(one.kind, one.label) for one in others]
    return render(request, "imports/import_batch.html", context)


def _columns_context(request, batch, place, columns):
    sheets = reading.sheets(batch.path)
    rows = first_rows(batch.path, batch.sheet)
    data = [cells for number, cells in rows.items() if number >= batch.head_from + batch.head_rows]
    examples = [_examples(index, data) for index in range(len(batch.headings))]
    importer = batch.importer(request.user)
    if columns is None:
        columns = ColumnsForm(batch=batch, importer=importer, examples=examples)
    head = range(batch.head_from, batch.head_from + batch.head_rows)
    width = max((len(cells) for cells in rows.values()), default=0)
    preview = [
        (number, number in head, [comparison.shown_briefly(cell) for cell in cells] + [""] * (width - len(cells)))
        for number, cells in list(rows.items())[:PREVIEW_ROWS]
    ]
    return {
        "place": place or PlaceForm(batch=batch, sheets=sheets),
        "columns": columns,
        "preview": preview,
        "letters": [letter_of(index) for index in range(width)],
        "sheet": next((sheet for sheet in sheets if sheet.index == batch.sheet), None),
    }


def _examples(index, data):
    found = [
        comparison.shown_briefly(cells[index]) for cells in data if index < len(cells) and cells[index] is not None
    ]
    return list(dict.fromkeys(words for words in found if words))[:EXAMPLES]


def _result_context(batch):
    counts = batch.summary["counts"]
    places = batch.summary["places"]
    fates = batch.checked_rows.exclude(fate="").values_list("fate").annotate(rows=Count("pk"))
    held = dict(fates.order_by())
    writing = counts[Action.NEW] + counts[Action.CHANGED]
    return {
        "counts": [(action, label, counts[action]) for action, label in Action.choices],
        "refused": counts[Action.REFUSED],
        "writing": writing,
        "problems": batch.summary["problems"],
        "places": places,
        "in_file_total": sum(in_file for _name, in_file, _held in places),
        "in_register": sum(held for _name, _in_file, held in places),
        "fates": [(fate, label, held[fate]) for fate, label in Fate.choices if held.get(fate)],
        "too_many": _is_too_many(writing),
    }


def _is_too_many(rows):
    return connection.vendor == "sqlite" and rows > MOST_ON_SQLITE


@of_batch
@require_safe
def import_progress(request, batch):
    """How far the work is, for the page that waits for it."""
    work = progress.of(batch)
    if work is None:
        return JsonResponse({"over": True})
    answer = {
        "over": progress.is_stopped(batch, work),
        "words": str(work.words),
        "begun": work.is_begun,
        "percent": work.percent if work.total or not work.is_begun else None,
        "count": _so_far(work),
    }
    return JsonResponse(answer)


def _so_far(work):
    if not work.total:
        # How many rows a file has is known once it has been read: until then the time moves.
        return gettext("%(seconds)s seconds so far") % {"seconds": format_number(work.seconds)} if work.is_begun else ""
    return gettext("%(done)s of %(total)s rows") % {
        "done": format_number(work.done),
        "total": format_number(work.total),
    }


# -- Verbs -----------------------------------------------------------------------------------------


def _refuse_unless(batch, state):
    """Say no before the queue does, where the table of states says no."""
    if not batch.may_become(state):
        raise ImportRefused(
            gettext("This import is “%(now)s”; that step is not possible any more."), now=batch.get_state_display()
        )


@verb
def import_read(request, batch):
    """Read the file again, after a worker broke off."""
    if batch.may_become(State.READ) and batch.sheet is None:
        tasks.start(progress.READ, batch, by=request.user)


@of_batch
@require_POST
def import_again(request, batch):
    """Begin an import of another kind from the same file."""
    kinds = {one.kind for one in importers_for(request.user)} & set(batch.importer.beside)
    if request.POST.get("kind") not in kinds or batch.state in {State.RECEIVED, State.UNREADABLE}:
        raise Http404
    with source_of(batch).open("rb") as file:
        other = receive(File(file, name=batch.name), kind=request.POST["kind"], by=request.user)
    tasks.start(progress.READ, other, by=request.user)
    return redirect(other)


@verb
def import_columns(request, batch):
    """Take another sheet or heading; or take what the columns mean, remember it, and check."""
    importer = batch.importer(request.user)
    _refuse_unless(batch, State.READ)
    if "place" in request.POST:
        sheets = reading.sheets(batch.path)
        form = PlaceForm(request.POST, batch=batch, sheets=sheets)
        if not form.is_valid():
            return _batch_page(request, batch, place=form)
        chosen = form.cleaned_data
        sheet = next(sheet for sheet in sheets if sheet.index == chosen["sheet"])
        table = table_at(importer, batch.path, sheet, chosen["head_from"], chosen["head_rows"])
        batch.step(State.READ, failure="", **vars(table))
        return None
    form = ColumnsForm(request.POST, batch=batch, importer=importer)
    if not form.is_valid():
        return _batch_page(request, batch, columns=form)
    remember(importer, batch.headings, form.columns)
    batch.step(State.READ, columns=form.columns, constants=form.constants, failure="")
    tasks.start(progress.CHECK, batch, by=request.user)
    return None


@verb
def import_check(request, batch):
    """Check every row again, as the columns are."""
    _refuse_unless(batch, State.CHECKED)
    tasks.start(progress.CHECK, batch, by=request.user)


@verb
def import_apply(request, batch):
    """Write the new and changed rows."""
    _refuse_unless(batch, State.APPLIED)
    counts = batch.summary["counts"]
    if _is_too_many(counts[Action.NEW] + counts[Action.CHANGED]):
        raise ImportRefused(
            gettext("So many rows are written from the shell: %(command)s"), command=_command(batch, request.user)
        )
    only_good = request.POST.get("only_good") == "1"
    if counts[Action.REFUSED] and not only_good:
        raise ImportRefused(gettext("Rows are refused. Correct them, or tick that only the good rows are wanted."))
    tasks.start(progress.APPLY, batch, by=request.user, only_good=only_good)


@verb
def import_undo(request, batch):
    """Give every record its former values back."""
    _refuse_unless(batch, State.UNDONE)
    form = UndoForm(request.POST)
    if not form.is_valid():
        return _batch_page(request, batch, undo=form)
    if _is_too_many(batch.checked_rows.filter(fate=Fate.WRITTEN).count()):
        command = f"manage.py import_file --batch {batch.pk} --undo REASON --user {request.user.username}"
        raise ImportRefused(gettext("So many rows are taken back from the shell: %(command)s"), command=command)
    tasks.start(progress.UNDO, batch, by=request.user, reason=form.cleaned_data["reason"])
    return None


# -- Rows ------------------------------------------------------------------------------------------


@of_batch
@require_safe
def import_rows(request, batch):
    """The rows of the check, fifty at a time: what would change, what did, what is wrong."""
    rows = batch.checked_rows
    action, fate = request.GET.get("hasil", ""), request.GET.get("nasib", "")
    if action in Action.values:
        rows = rows.filter(action=action)
    if fate in Fate.values and fate:
        rows = rows.filter(fate=fate)
    number = _whole(request.GET.get("baris"))
    part = request.GET.get("bagian", "")
    here = Q(number__gt=number) | Q(number=number, part__gte=part)
    ahead = list(rows.filter(here).order_by("number", "part")[: PER_PAGE + 1])
    behind = list(rows.exclude(here).order_by("-number", "-part")[:PER_PAGE])
    shown = ahead[:PER_PAGE]
    importer = batch.importer(request.user)
    cells, records = comparison.cells_of(importer, shown), comparison.records_of(importer, shown)
    context = {
        "batch": batch,
        "rows": [(row, records.get(row.found), cells[row.pk]) for row in shown],
        "action": action,
        "fate": fate,
        "actions": [("", gettext("All"), None), *_result_context(batch)["counts"]] if batch.summary else [],
        "number": number or "",
        "next": ahead[PER_PAGE] if len(ahead) > PER_PAGE else None,
        "previous": behind[-1] if behind else None,
    }
    return render(request, "imports/import_rows.html", context)


@of_batch
@require_safe
def import_rejects(request, batch):
    """The refused rows as a workbook that can be corrected and uploaded again."""
    if batch.state not in JUDGED or not batch.summary["counts"].get(Action.REFUSED):
        raise Http404
    stem = batch.name.rpartition(".")[0] or batch.name
    return _workbook(files.rejects(batch), gettext("%(name)s-refused") % {"name": stem})


@of_batch
@require_safe
def import_missing(request, batch):
    """What is in the register and not in the file."""
    if batch.state not in JUDGED:
        raise Http404
    found = batch.checked_rows.filter(found=OuterRef("pk"))
    importer = batch.importer(request.user)
    records = importer.records().filter(~Exists(found)).order_by("pk")
    after = _whole(request.GET.get("sesudah"))
    page = list(records.filter(pk__gt=after)[: PER_PAGE + 1])
    context = {
        "batch": batch,
        "records": [(record, importer.name_of(record)) for record in page[:PER_PAGE]],
        "total": records.count(),
        "next": page[PER_PAGE - 1].pk if len(page) > PER_PAGE else None,
        "is_first": not after,
    }
    return render(request, "imports/import_missing.html", context)


def _whole(text):
    """A number from an address; 0 where there is none or none that a row could have."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _workbook(file, name):
    response = FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
    response["Cache-Control"] = "no-store"
    # Compressed by itself already.
    response["Content-Encoding"] = "identity"
    return response


def _command(batch, user):
    return f"manage.py import_file --batch {batch.pk} --apply --user {user.username}"
