"""One status for the cooperatives chosen in the list: one reason, one date, one history row each."""

from django.contrib import messages
from django.contrib.admin import helpers
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext

from cooperatives.forms import ManyStatusForm
from cooperatives.many_statuses import MOST, record_status_of_many
from cooperatives.models import Cooperative


def record_status(model_admin, request, queryset):
    """The page between choosing and doing; after it, what was refused and why."""
    own = (
        Cooperative.objects.editable_by(request.user) if request.user.regency_id else Cooperative.objects.in_register()
    )
    ids = list(
        queryset.filter(pk__in=own.values("pk")).order_by("name_key", "pk").values_list("pk", flat=True)[: MOST + 1]
    )
    if len(ids) > MOST:
        text = gettext("At most %(most)s at once. Narrow the list with a filter, then choose again.")
        messages.error(request, text % {"most": f"{MOST:,}".replace(",", ".")})
        return None
    form = ManyStatusForm(request.POST if "apply" in request.POST else None)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": gettext("Record a status for many"),
        "form": form,
        "ids": ids,
        "cooperatives": Cooperative.objects.filter(pk__in=ids).select_related("regency")[:100],
        "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        "media": model_admin.media,
    }
    if not form.is_valid():
        return TemplateResponse(request, "admin/cooperatives/cooperative/many.html", context)
    outcome = record_status_of_many(ids, **form.cleaned_data, by=request.user)
    if outcome.recorded:
        text = ngettext("Recorded for %(n)d cooperative.", "Recorded for %(n)d cooperatives.", len(outcome.recorded))
        messages.success(request, text % {"n": len(outcome.recorded)})
    if outcome.unchanged:
        text = ngettext(
            "%(n)d cooperative had this status already.",
            "%(n)d cooperatives had this status already.",
            len(outcome.unchanged),
        )
        messages.info(request, text % {"n": len(outcome.unchanged)})
    if outcome.refused:
        context |= {"title": gettext("What was refused"), "refused": outcome.refused}
        return TemplateResponse(request, "admin/cooperatives/cooperative/many_refused.html", context)
    return None
