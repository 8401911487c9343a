"""What every act on a package shares: who may, the form, what refuses it, and what is kept of what was typed."""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import IntegrityError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from assistance.forms import ActForm
from assistance.models import Package
from assistance.procedure import ManyRefused, write
from common.history import story
from common.models import ChangedMeanwhile, StepRefused
from files.upload import limited_upload


def acting(permission, *, files=False):
    """Open a form to whoever has the permission; with `files` it takes some, its token checked inside their limit."""

    def decorate(view):
        taking = limited_upload(keeps_fields=True)(view) if files else view
        guarded = require_http_methods(["GET", "HEAD", "POST"])(taking)
        opened = wraps(view)(permission_required(permission, raise_exception=True)(guarded))
        return csrf_exempt(opened) if files else opened

    return decorate


def package_of(request, pk):
    """The package, where this person may see it; else 404, as one that does not exist."""
    packages = Package.objects.visible_to(request.user).select_related(
        "programme", "kind", "recipient__cooperative", "regency", "source"
    )
    return get_object_or_404(packages.defer("regency__boundary"), pk=pk)


def carry_out(form, act):
    """Do what a valid form asks; whether it was done; what refuses it stands in the form beside what was typed."""
    try:
        act()
    except ManyRefused as refused:
        for package, sentence in refused.refusals:
            words = str(sentence) if not refused.of_many else f"{_number(package)}: {sentence}"
            form.add_error(None, words)
    except ChangedMeanwhile as changed:
        form.add_error(None, changed_words(changed.record))
        if isinstance(form, ActForm):
            form.renew(changed.record)
    except StepRefused as refused:
        form.add_error(None, str(refused))
    except IntegrityError as error:
        # The second wall: a constraint that somebody else's change in the same moment made true.
        form.add_error(None, gettext("Somebody changed this just now. Look at it, then send the form again."))
        form.wall = error
    else:
        return True
    return False


def claim(form, *, by, reason):
    """Let only one sending of a form that adds to its package through; the next is told who was first.

    Call it in the transaction of the act. Raises ChangedMeanwhile.
    """
    package = form.as_read()
    package.claim(package.version)
    write(package, ["version"], by=by, reason=reason)


def _number(package):
    return gettext("Package %(number)s") % {"number": package.pk}


def changed_words(record):
    """Who changed it meanwhile and which fields, in a sentence."""
    last = next(iter(story(record)), None)
    fields = ", ".join(str(change.label) for change in last.changes) if last else ""
    return gettext(
        "%(person)s changed this meanwhile (%(fields)s); nothing of yours was written. Look at it, then send it again."
    ) % {"person": (last and last.by) or gettext("Somebody"), "fields": fields or gettext("see its page")}


def act_page(request, package, form, act, *, title, done, submit, template="assistance/act.html", **context):
    """Show a form, or do what it asks and go back to the package. `act(form)` is the verb, `done` the sentence."""
    if request.method == "POST" and form.is_valid() and carry_out(form, lambda: act(form)) and form.is_valid():
        messages.success(request, done)
        return redirect("aid_record", pk=package.pk)
    context |= {"package": package, "form": form, "title": title, "submit": submit}
    # What was refused for its moment is no page that is there and fine.
    return render(request, template, context, status=409 if _is_late(form) else 200)


def _is_late(form):
    return form.is_bound and bool(form.non_field_errors())
