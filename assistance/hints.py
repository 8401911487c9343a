"""What citizens say of units: read by those who visit, decided by those who file the papers. Never public."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from assistance.models import Hint
from common.fields import TextField
from common.paging import CappedPaginator

PER_PAGE = 25
READ, DECIDE = "assistance.visit_aid", "assistance.process_aid"


class HintDecisionForm(forms.Form):
    """Taken as a hint or discarded, with a word of the office where there is one."""

    state = forms.ChoiceField(choices=[(Hint.State.NOTED, ""), (Hint.State.DISCARDED, "")])
    comment = TextField(label=_("Comment of the office"), required=False, max_length=300)


@permission_required(READ, raise_exception=True)
@require_safe
def hint_list(request):
    """What waits for a decision, the oldest first, and what was decided lately."""
    hints = Hint.objects.visible_to(request.user).select_related(
        "unit__package__kind", "unit__package__recipient", "unit__package__regency", "decided_by"
    )
    hints = hints.defer("unit__package__regency__boundary")
    page = CappedPaginator(hints.waiting(), PER_PAGE).get_page(request.GET.get("page"))
    decided = hints.exclude(state=Hint.State.NEW).order_by("-decided_at", "-pk")[:PER_PAGE]
    return render(request, "assistance/hint_list.html", {"page": page, "decided": decided})


@permission_required(DECIDE, raise_exception=True)
@require_POST
def decide_hint(request, pk):
    """Take a hint for the next visit, or discard it."""
    hint = get_object_or_404(Hint.objects.visible_to(request.user).select_related("unit"), pk=pk)
    form = HintDecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Choose what becomes of the hint; a comment has at most 300 characters."))
    elif hint.decide(form.cleaned_data["state"], by=request.user, comment=form.cleaned_data["comment"]):
        hint.refresh_from_db()
        messages.success(request, f"{hint.unit}: {hint.get_state_display()}.")
    else:
        hint.refresh_from_db()
        done = gettext("This hint is already decided: %(state)s by %(person)s.")
        messages.warning(request, done % {"state": hint.get_state_display(), "person": hint.decided_by})
    return redirect("hint_list")
