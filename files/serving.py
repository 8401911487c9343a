"""The way out of a guarded file: always to be saved, never shown inside the portal."""

from django.http import FileResponse

from files.models import GuardedFile
from files.names import as_attachment

Kind = GuardedFile.Kind
# By what the file was found to be when it came in; never by its name.
CONTENT_TYPES = {
    Kind.PDF: "application/pdf",
    Kind.JPG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # The middleware that sets the policy of pages leaves one that is there already.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}


def serve(guarded):
    """The file as a download. The view has looked it up through a record that this person may see.

    Every byte is compared with the recorded fingerprint first; raises StoredFileDamaged, which ends as a failure of
    the portal (500), rather than hand out anything else.
    """
    response = FileResponse(guarded.open(), content_type=CONTENT_TYPES[Kind(guarded.kind)])
    for name, value in {"Content-Disposition": as_attachment(guarded.name), **HEADERS}.items():
        response[name] = value
    return response
