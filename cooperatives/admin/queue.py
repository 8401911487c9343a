"""The data-quality queue: what a clerk with an hour to spare would do next."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext

from cooperatives import quality
from cooperatives.duplicates import say_distinct, suspicious
from cooperatives.forms import ReasonForm
from cooperatives.models import Cooperative

GROUPS_A_PAGE = 20
MOST_IN_GROUP = 30


def _visible(request):
    return Cooperative.objects.visible_to(request.user)


def _page(model_admin, request, template, **context):
    return TemplateResponse(
        request,
        f"admin/cooperatives/cooperative/{template}.html",
        {**model_admin.admin_site.each_context(request), "opts": model_admin.opts, **context},
    )


def quality_queue(model_admin, request):
    """Each check with its count, leading to exactly those records."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    found = quality.queue(_visible(request), scope=request.user.regency_id or "all")
    checks = [(check, found.counts[check.key]) for check in quality.CHECKS]
    return _page(model_admin, request, "quality", title=gettext("Data quality"), queue=found, checks=checks)


def doubles(model_admin, request):
    """Possible doubles, group by group: merge two of them, or say that they are different cooperatives."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    may_say = model_admin.has_change_permission(request)
    if request.method == "POST":
        return _said(model_admin, request) if may_say else _refuse()
    page = Paginator(suspicious(_visible(request)), GROUPS_A_PAGE).get_page(request.GET.get("p"))
    wanted = Q(pk=None)
    for key, regency, _count in page.object_list:
        wanted |= Q(name_key=key, regency=regency)
    rows = _visible(request).in_register().filter(wanted).select_related("regency").order_by("name_key", "pk")
    members = {}
    for cooperative in rows[: GROUPS_A_PAGE * MOST_IN_GROUP]:
        members.setdefault((cooperative.name_key, cooperative.regency_id), []).append(cooperative)
    groups = [members.get((key, regency), []) for key, regency, _count in page.object_list]
    context = {"page": page, "groups": groups, "may_say": may_say}
    context["may_merge"] = request.user.has_perm("cooperatives.merge_cooperative")
    return _page(model_admin, request, "doubles", title=gettext("Possible doubles"), **context)


def _refuse():
    raise PermissionDenied


def _said(model_admin, request):
    ids = [int(pk) for pk in request.POST.getlist("pk") if pk.isdecimal() and len(pk) < 19][:MOST_IN_GROUP]
    own = list(_visible(request).filter(pk__in=ids).values_list("pk", flat=True))
    form = ReasonForm(request.POST)
    if form.is_valid() and len(own) > 1:
        new = say_distinct(own, reason=form.cleaned_data["reason"], by=request.user)
        sentence = gettext("Noted: these are different cooperatives.") if new else gettext("That was noted already.")
        messages.success(request, sentence)
    else:
        messages.error(request, gettext("Say in a sentence how you know that they are different."))
    return redirect(request.get_full_path())
