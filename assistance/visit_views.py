"""/kerja/bantuan/…/kunjungan/: monitoring visits on a phone, with a weak signal or none.

Everything works by plain posts. The script only keeps what cannot be sent yet on the device, and makes photographs
smaller; what it sends bears the key that it made, and the number of the person who entered it.
"""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from assistance.models import Package, VisitPhoto
from assistance.models.unit import read_code
from assistance.visit_form import NAMED, VisitForm, blank_form, mark, photos_of
from assistance.visiting import (
    MOST_PHOTOS,
    Photo,
    due_packages,
    received,
    record_visit,
    visitable,
    visits_of,
    with_due,
    with_marks,
)
from common.models import ChangedMeanwhile, StepRefused
from common.paging import CappedPaginator
from files.receiving import FileRefused, receive
from files.serving import serve
from files.upload import ATTACHMENTS, MIB, is_too_large, limited_upload

VISIT = "assistance.visit_aid"
PER_PAGE = 25
# Forms are long on a phone.
UNITS_PER_PAGE = 10
LAST_VISITS = 15
PICTURES = ("jpg", "png")


@permission_required(VISIT, raise_exception=True)
@require_safe
def visit_list(request):
    """What is due, the longest first; or, for words that were typed, all aid that was handed over and fits."""
    packages = Package.objects.visible_to(request.user).for_list()
    text = request.GET.get("q", "")[:200].strip()
    found = due_packages(packages)
    if text:
        found = with_due(packages.delivered().matching(text)).newest_first()
    page = CappedPaginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "assistance/visit_list.html", {"page": page, "text": text, "person": request.user.pk})


@csrf_exempt
@permission_required(VISIT, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
@limited_upload(keeps_fields=True)
def visit_package(request, pk):
    """A package with a form for each of its units; a post records one visit."""
    package = get_object_or_404(Package.objects.visible_to(request.user).for_list(), pk=pk)
    if request.method == "POST":
        return take_visit(request, package)
    return _page(request, package)


def take_visit(request, package):
    """Record what was sent; to the script the answer is JSON."""
    code = read_code(request.POST.get("unit", ""))
    unit = get_object_or_404(package.units.handed_over(), code=code) if code else None
    form = VisitForm(request.POST, package=package, unit=unit, auto_id=f"{mark(unit)}-%s")
    try:
        _refuse_other_person(request)
        visit, is_new = _record(request, package, unit, form)
    except ValidationError as refused:
        form.add_error(None, refused)
        return _refuse(request, package, form, 400)
    except (StepRefused, ChangedMeanwhile) as refused:
        words = gettext("Somebody changed this unit just now. Send it again.")
        form.add_error(None, words if isinstance(refused, ChangedMeanwhile) else str(refused))
        return _refuse(request, package, form, 409)
    if visit is None:
        return _refuse(request, package, form, 400)
    return _taken(request, package, visit, is_new)


def _refuse_other_person(request):
    """An entry of a device is of whoever typed it, not of whoever is signed in when it is sent."""
    person = request.POST.get("person", "")
    if person and person != str(request.user.pk):
        raise StepRefused(gettext("Somebody else entered this on the device. It is sent when that person signs in."))


def _record(request, package, unit, form):
    """`(visit, is_new)`; `(None, False)` where the form was not understood, which then says why."""
    if not form.is_valid():
        return None, False
    if is_too_large(request):
        text = gettext("The photographs are larger than %(most)s MB and were not kept. %(remedy)s")
        raise ValidationError(text % {"most": ATTACHMENTS.file // MIB, "remedy": ATTACHMENTS.remedy})
    key = form.cleaned_data["key"]
    # What is there already is not received again.
    if found := received(key, package=package, by=request.user):
        return found, False
    photos = _receive(request)
    day = form.cleaned_data["visited_on"]
    return record_visit(package, key=key, by=request.user, visited_on=day, unit=unit, photos=photos, **form.seen)


def _receive(request):
    """The photographs as guarded files. Raises ValidationError for the first that cannot be taken."""
    photos = []
    for upload, taken_at, original in photos_of(request):
        try:
            guarded = receive(upload, by=request.user, allowed=PICTURES)
        except FileRefused as refused:
            raise refused.as_validation_error() from None
        photos.append(Photo(guarded, taken_at, original))
    return photos


def _taken(request, package, visit, is_new):
    sentence = gettext("The visit is recorded.") if is_new else gettext("Already received; nothing was recorded twice.")
    ((_visit, photos),) = with_marks(visits_of(package).filter(pk=visit.pk), request.user)
    marks = [words for _photo, found in photos for words in found]
    if wants_json(request):
        return JsonResponse({"sentence": sentence, "marks": marks, "is_new": is_new})
    messages.success(request, sentence)
    for words in marks:
        messages.warning(request, words)
    return redirect("visit_package", package.pk)


def _refuse(request, package, form, status):
    if wants_json(request):
        lines = [
            text if name == "__all__" else f"{form.fields[name].label}: {text}"
            for name, texts in form.errors.items()
            for text in texts
        ]
        return JsonResponse({"detail": " ".join(map(str, lines))}, status=status)
    return _page(request, package, refused=form, status=status)


def wants_json(request):
    return request.headers.get("accept", "") == "application/json"


def _page(request, package, *, refused=None, status=200):
    units = visitable(package).select_related("package__kind")
    if code := read_code(request.GET.get("unit", "")):
        units = units.filter(code=code)
    if refused is not None and refused.unit is not None:
        units = units.filter(pk=refused.unit.pk)
    page = Paginator(units, UNITS_PER_PAGE).get_page(request.GET.get("page"))
    rows = [(unit, _form(package, unit, refused)) for unit in page]
    if not rows and package.is_delivered and not package.units.exists():
        rows = [(None, _form(package, None, refused))]
    context = {
        "package": package,
        "person": request.user.pk,
        "page": page,
        "rows": rows,
        "refused": refused,
        "is_single": len(rows) == 1,
        "named": " ".join(sorted(NAMED)),
        "most_photos": MOST_PHOTOS,
        "visits": with_marks(visits_of(package)[:LAST_VISITS], request.user),
        "address": reverse("visit_package", args=[package.pk]),
    }
    return render(request, "assistance/visit_package.html", context, status=status)


def _form(package, unit, refused):
    if refused is not None and refused.unit == unit:
        return refused
    return blank_form(package, unit, uuid.uuid4())


@permission_required("assistance.view_package", raise_exception=True)
@require_safe
def visit_photo(request, pk):
    """A photograph of a visit, to whom the package is visible."""
    photos = VisitPhoto.objects.visible_to(request.user).select_related("file")
    return serve(get_object_or_404(photos, pk=pk).file)
