"""What every act on a package shares: the package, the form, what refuses it, and what is kept of what was typed."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render

from assistance.models import Package
from assistance.procedure import write
from common.acts import carry_out, is_late


def package_of(request, pk):
    """The package, where this person may see it; else 404, as one that does not exist."""
    packages = Package.objects.visible_to(request.user).select_related(
        "programme", "kind", "recipient__cooperative", "regency", "source"
    )
    return get_object_or_404(packages.defer("regency__boundary"), pk=pk)


def claim(form, *, by, reason):
    """Let only one sending of a form that adds to its package through; the next is told who was first.

    Call it in the transaction of the act. Raises ChangedMeanwhile.
    """
    package = form.as_read()
    package.claim(package.version)
    write(package, ["version"], by=by, reason=reason)


def act_page(request, package, form, act, *, title, done, submit, template="assistance/act.html", **context):
    """Show a form, or do what it asks and go back to the package. `act(form)` is the verb, `done` the sentence."""
    if request.method == "POST" and form.is_valid() and carry_out(form, lambda: act(form)) and form.is_valid():
        messages.success(request, done)
        return redirect("aid_record", pk=package.pk)
    context |= {"package": package, "form": form, "title": title, "submit": submit}
    # What was refused for its moment is no page that is there and fine.
    return render(request, template, context, status=409 if is_late(form) else 200)
