"""Plain functions that work at the pages of aid as an office does: open a form, fill it in, send it."""

from datetime import date

from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from assistance.procedure import attach
from assistance.stages import Paper
from tests.assistance.aid import make_document
from tests.files.made_files import pdf
from tests.filled_form import filled_form

LIST = "/kerja/bantuan/"
STEPS = "/kerja/bantuan/langkah/"


def text(response):
    return response.content.decode()


def filled(page):
    """The form of a page as a browser would send it unedited; no file is left in it by any browser."""
    return filled_form(page, "form")


def posted(client, url, **values):
    """The form of a page, filled in as it stands and with these values, sent."""
    return client.post(url, filled(client.get(url)) | values)


def page_of(package, name="aid_record", *more):
    return reverse(name, args=[package.pk, *more])


def paper(number="Uji/1", day="09/01/2024", **more):
    """A new document as it is typed, with its file."""
    return {"number": number, "dated_on": day, "file": SimpleUploadedFile("surat.pdf", pdf()), **more}


def marks(*packages):
    """Packages ticked as the list showed them."""
    return [f"{package.pk}.{package.version}" for package in packages]


def stepping(stage, *packages):
    """The address of the form of one step for these."""
    return f"{STEPS}?ke={stage}&" + "&".join(f"paket={mark}" for mark in marks(*packages))


def sent_step(client, stage, *packages, **values):
    """The form of one step, opened and sent with these values."""
    return client.post(STEPS, filled(client.get(stepping(stage, *packages))) | values)


def messages_of(response):
    return [str(one) for one in response.context["messages"]]


def file_papers(package, *, by=None):
    """The papers that a grant needs besides its BAST."""
    for one in (Paper.NPHD, Paper.INTEGRITY_PACT):
        attach(package, make_document(one, date(2024, 10, 30), by=by))


def permit(role, codename):
    """Give a role a permission on aid that it has not."""
    permission = Permission.objects.get(codename=codename, content_type__app_label="assistance")
    Group.objects.get(name=role).permissions.add(permission)
