"""/kerja/pemberitahuan/: what the portal told this person. Whoever is signed in has notices; a foreign one is 404."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from common.numbers import format_number
from common.paging import CappedPaginator
from notices.models import Notice

PER_PAGE = 25


@require_safe
def notice_list(request):
    """The own notices, the newest first."""
    own = Notice.objects.visible_to(request.user)
    page = CappedPaginator(own, PER_PAGE).get_page(request.GET.get("page"))
    site = settings.SITE_URL or request.build_absolute_uri("/").removesuffix("/")
    context = {
        "page": page,
        "rows": [(notice, notice.as_message(site)) for notice in page],
        "has_unseen": own.unseen().exists(),
    }
    return render(request, "notices/notice_list.html", context)


@require_POST
def notice_open(request, pk):
    """Mark one as seen and go where it leads."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    notice.see()
    return HttpResponseRedirect(notice.path or reverse("notice_list"))


@require_POST
def notices_seen(request):
    """Mark all of the own as seen."""
    count = Notice.objects.visible_to(request.user).mark_seen()
    words = ngettext("%(count)s notice marked as seen.", "%(count)s notices marked as seen.", count)
    messages.success(request, words % {"count": format_number(count)})
    return redirect("notice_list")
