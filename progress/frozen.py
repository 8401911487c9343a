"""/kemajuan/potret/: published snapshots, each shown from its own content, with what differs from today's knowledge."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _

from common.api import site
from common.columns import Column, Kind
from common.exports import stream, stream_rows
from common.pages import public_page
from progress import papers
from progress.difference import moved
from progress.files import MOVED, moved_rows
from progress.models import SUBJECT, Snapshot
from progress.sheet import KEYS, kept, rules_by
from progress.shown import Shown

SNAPSHOT = (
    Column("id", _("id"), Kind.COUNT),
    Column("url", _("address of the page"), Kind.LINK, "id", link=lambda pk: f"/kemajuan/potret/{pk}/"),
    Column("as_of", _("As of"), Kind.DATE),
    Column("rubric", _("rubric (key)"), Kind.TEXT, "rubric__key"),
    Column("sha256", _("SHA-256"), Kind.TEXT),
    Column("taken_at", _("taken at"), Kind.MOMENT),
    Column("signed_at", _("signed at"), Kind.MOMENT),
    Column("note", _("note"), Kind.TEXT),
    Column("is_demo", _("demo data"), Kind.FLAG),
)


@public_page(SUBJECT)
def snapshots(request):
    published = Snapshot.objects.published()
    if "format" in request.GET:
        return stream(request, name="potret", columns=SNAPSHOT, queryset=published.order_by(), keys=(SUBJECT,))
    return render(request, "progress/snapshots.html", {"snapshots": published.for_list()})


def _published(pk):
    return get_object_or_404(Snapshot.objects.published().select_related("rubric", "taken_by", "signed_by"), pk=pk)


@public_page(*KEYS)
def snapshot(request, pk):
    found = _published(pk)
    shown = Shown(found.sheet)
    now = Shown(kept(found.as_of, rules_by(found.rubric, found.as_of), request.data_versions))
    differing = moved(shown, now)
    if "format" in request.GET:
        return stream_rows(request, name=f"potret-{pk}-selisih", columns=MOVED, rows=moved_rows(differing), keys=KEYS)
    context = {"snapshot": found, "shown": shown, "moved": differing}
    return render(request, "progress/snapshot.html", context)


@public_page(SUBJECT)
def snapshot_json(request, pk):
    """The content itself, byte for byte what the hash was taken of."""
    response = HttpResponse(_published(pk).content, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="potret-{pk}.json"'
    return response


@public_page(SUBJECT)
def snapshot_paper(request, pk):
    found = _published(pk)
    content = papers.one_page(Shown(found.sheet), found, site(request) + found.get_absolute_url())
    return papers.answer(content, f"potret-{pk}.pdf")
