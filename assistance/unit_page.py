"""`/bantuan/unit/…`: what a unit is and whose it should be, for whoever reads its code, and what a citizen says of it.

The one public page with a form. Public pages set no cookie on the way in, so Django's own token cannot guard it:
`proof.py` says what does.
"""

from datetime import timedelta

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.lockout import client_address
from assistance import proof
from assistance.models import SUBJECT, Hint, State, Unit
from assistance.models.unit import read_code
from common.counting import count
from common.fields import LinesField
from common.pages import public_page

SUBJECTS = (SUBJECT, "cooperatives", "regions")
HOUR = 3600
# Of one address: enough for whoever walks over a market and reads each cart's code, and for a few who share an address.
MOST_OF_ADDRESS = 30
# Of one unit: more different words in an hour than these are no neighbours.
MOST_OF_UNIT = 6
LONGEST_CODE = 60


class HintForm(forms.Form):
    """What a citizen says; who says it is not asked."""

    token = forms.CharField(required=False, widget=forms.HiddenInput, max_length=200)
    answer = forms.ChoiceField(
        label=_("Is it there?"),
        choices=Hint.Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two.")},
    )
    note = LinesField(
        label=_("What you saw"),
        required=False,
        max_length=500,
        help_text=_("At most 500 characters. Please no names of people and no phone numbers."),
    )


@public_page(*SUBJECTS, cached=lambda request: not request.GET)
def aid_unit_find(request):
    """Where a code is typed that could not be scanned; leads to its unit."""
    typed = request.GET.get("kode", "")
    code = read_code(typed)
    if code and _units().filter(code=code).exists():
        return redirect("aid_unit", code)
    # What nobody types as a code is not carried back.
    context = {"typed": typed[:LONGEST_CODE], "is_wrong": bool(typed.strip()), "is_code": bool(code)}
    return render(request, "assistance/aid_unit_find.html", context)


@public_page(*SUBJECTS)
def aid_unit(request, code):
    """One unit that was handed over; all others answer like a code that nothing has."""
    unit = _unit(code)
    if unit.code != code:
        return redirect(unit)
    # The token of the day is the same for everybody, so it may be kept with the page, which is kept for a day.
    return _page(request, unit, HintForm(initial={"token": proof.token(unit.code)}))


# Without Django's own check, which needs the cookie that a public page does not set: `proof` looks instead.
@csrf_exempt
@login_not_required
@require_POST
def say_hint(request, code):
    """Keep what a citizen says of a unit, once, and thank."""
    proof.refuse_other_sites(request)
    unit = _unit(code)
    counted, wait = count(f"hint:{client_address(request)}", HOUR)
    form = HintForm(_with_fresh_token(request.POST, unit))
    if counted > MOST_OF_ADDRESS:
        return _page(request, unit, form, status=429, wait=wait)
    if not proof.holds(request.POST.get("token", ""), unit.code):
        words = gettext(
            "Nothing was saved: the page was open for too long. Look through your answer and send it again."
        )
        form.add_error(None, words)
        return _page(request, unit, form, status=403)
    if not form.is_valid():
        return _page(request, unit, form, status=400)
    answer, note = form.cleaned_data["answer"], form.cleaned_data["note"]
    if wait := _wait_of(unit, answer, note):
        return _page(request, unit, form, status=429, wait=wait)
    Hint.say(unit, answer, note)
    return redirect("hint_thanks", unit.code)


@public_page(*SUBJECTS)
def hint_thanks(request, code):
    """Where everybody arrives who said something, the first time and each time after."""
    return render(request, "assistance/hint_thanks.html", {"unit": _unit(code)})


def _units():
    return Unit.objects.handed_over().filter(package__is_public=True, package__voided_at=None)


def _unit(code):
    """The unit of a code however it is typed, with what its page shows."""
    found = _units().select_related(
        "package__kind", "package__programme", "package__recipient__cooperative", "package__regency"
    )
    unit = found.defer("package__regency__boundary").filter(code=read_code(code)).first()
    if unit is None:
        raise Http404
    return unit


def _with_fresh_token(sent, unit):
    """What was typed, in a form that can be sent again tomorrow."""
    fresh = sent.copy()
    fresh["token"] = proof.token(unit.code)
    return fresh


def _wait_of(unit, answer, note):
    """Seconds until another hint of the unit is taken; 0 for now, and for words that were said already."""
    if Hint.objects.filter(digest=Hint.digest_of(unit, answer, note)).exists():
        return 0
    # From the rows themselves: the same for all processes, whatever a cache forgets.
    now = timezone.now()
    lately = Hint.objects.filter(unit=unit, said_at__gt=now - timedelta(seconds=HOUR)).order_by("said_at")
    moments = list(lately.values_list("said_at", flat=True)[:MOST_OF_UNIT])
    return HOUR - (now - moments[0]).total_seconds() if len(moments) == MOST_OF_UNIT else 0


def _page(request, unit, form, *, status=200, wait=0):
    if wait:
        minutes = max(1, -(-int(wait) // 60))
        words = ngettext(
            "Nothing was saved: too many answers came lately. Send it again in %(minutes)s minute.",
            "Nothing was saved: too many answers came lately. Send it again in %(minutes)s minutes.",
            minutes,
        )
        form.add_error(None, words % {"minutes": minutes})
    # Given, and nobody has looked since: then nothing is known of its state.
    is_unseen = unit.last_seen_on is None and unit.state == State.IN_USE
    recipient = unit.package.recipient
    cooperative = recipient and recipient.cooperative
    context = {
        "unit": unit,
        "package": unit.package,
        # What is in the register no more has no page to lead to.
        "cooperative": cooperative if cooperative and not cooperative.voided_at else None,
        "is_unseen": is_unseen,
        "state_badge": unit.badge,
        "form": form,
    }
    response = render(request, "assistance/aid_unit.html", context, status=status)
    if wait:
        response["Retry-After"] = str(max(1, int(wait)))
    if request.method == "POST":
        response["Cache-Control"] = "no-store"
    return response
