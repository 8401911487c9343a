"""Files that go with a report, on their way in with the form and out to whoever may see the report."""

from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from common.numbers import write_number
from files.receiving import FileRefused, receive
from files.serving import serve
from files.upload import ATTACHMENTS, MIB, is_too_large
from reporting.models import Attachment, RegencyReport

# The names of the form's controls.
FILE, REMOVE = "lampiran", "hapus"


@permission_required("reporting.view_regencyreport", raise_exception=True)
@require_safe
def attachment(request, pk, file):
    """One file of a report that this person may see; also one that was taken away, which a submission may name."""
    report = get_object_or_404(RegencyReport.objects.visible_to(request.user), pk=pk)
    return serve(get_object_or_404(report.attachments.select_related("file"), pk=file).file)


def take_in(request, report):
    """Attach the file that came with the form, or take away the one whose button was pressed.

    Returns the sentence against the file, or "". Call it once the draft was saved: then the report may be changed.
    Raises ChangedMeanwhile.
    """
    number = request.POST.get(REMOVE, "")
    if number.isascii() and number.isdigit() and len(number) < 19:
        with transaction.atomic():
            report.claim(report.version)
            for one in report.attachments.current().filter(pk=int(number)):
                one.remove(by=request.user)
    if is_too_large(request):
        text = gettext("The file is larger than %(most)s MB and was not kept. %(remedy)s")
        return text % {"most": ATTACHMENTS.file // MIB, "remedy": ATTACHMENTS.remedy}
    upload = request.FILES.get(FILE)
    if upload is None:
        return ""
    if report.attachments.current().count() >= Attachment.MOST:
        text = gettext("A report has at most %(most)s files. Take one away first, or put several into one PDF.")
        return text % {"most": write_number(Attachment.MOST)}
    try:
        guarded = receive(upload, by=request.user)
    except FileRefused as refused:
        return str(refused)
    with transaction.atomic():
        # A report that was submitted meanwhile has another version: nothing is added to it.
        report.claim(report.version)
        Attachment.objects.create(report=report, file=guarded)
    return ""
