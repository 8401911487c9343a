"""What every act on a record shares: who may, the version that was seen, what refuses it, what is kept of the form."""

import uuid
from copy import copy
from functools import wraps
from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.db import IntegrityError
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from common.history import story
from common.models import ChangedMeanwhile, StepRefused


def acting(permission, *, files=None):
    """Open a form to whoever has the permission; `files` takes uploads and checks the token inside its limit."""

    def decorate(view):
        taking = files(view) if files else view
        guarded = require_http_methods(["GET", "HEAD", "POST"])(taking)
        opened = wraps(view)(permission_required(permission, raise_exception=True)(guarded))
        return csrf_exempt(opened) if files else opened

    return decorate


class ActForm(forms.Form):
    """An act on a record that was read at a version: the version comes back with the form and is compared."""

    version = forms.IntegerField(required=False, min_value=0, max_value=10**9, widget=forms.HiddenInput)

    def __init__(self, *args, record=None, **options):
        super().__init__(*args, **options)
        self.record = record
        if record is not None:
            self.initial.setdefault("version", record.version)

    def as_read(self):
        """The record at the version that the person saw; a form without one counts as read now."""
        if (seen := self.cleaned_data.get("version")) is not None:
            self.record.version = seen
        return self.record

    def renew(self, record):
        """Let the form be sent again as of what somebody else made of its record; of others it knows nothing."""
        if record == self.record:
            data: Any = copy(self.data)
            data[self.add_prefix("version")] = str(record.version)
            self.data = data


class EntryForm(forms.Form):
    """A form that enters a record carries a key of its own: sent twice it is one record, known by `entry_key`."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.initial.setdefault("key", uuid.uuid4())

    def entered_of(self, model):
        """The record that the first sending of this very form entered, or None."""
        key = self.cleaned_data.get("key")
        return model._base_manager.filter(entry_key=key).first() if key else None


def capitalise_labels(form):
    """Let the names of columns begin with a capital, as labels do."""
    for field in form.fields.values():
        field.label = field.label and capfirst(str(field.label))


def carry_out(form, act):
    """Do what a valid form asks; whether it was done; what refuses it stands in the form beside what was typed."""
    try:
        act()
    except ChangedMeanwhile as changed:
        form.add_error(None, changed_words(changed.record))
        if isinstance(form, ActForm):
            form.renew(changed.record)
    except StepRefused as refused:
        for sentence in refused.sentences:
            form.add_error(None, sentence)
    except IntegrityError:
        # The second wall: a constraint that somebody else's change in the same moment made true.
        form.add_error(None, gettext("Somebody changed this just now. Look at it, then send the form again."))
    else:
        return True
    return False


def changed_words(record):
    """Who changed it meanwhile and which fields, in a sentence."""
    last = next(iter(story(record)), None)
    fields = ", ".join(str(change.label) for change in last.changes) if last else ""
    return gettext(
        "%(person)s changed this meanwhile (%(fields)s); nothing of yours was written. Look at it, then send it again."
    ) % {"person": (last and last.by) or gettext("Somebody"), "fields": fields or gettext("see its page")}


def is_late(form):
    """Whether an act was refused for its moment: such an answer is no page that is there and fine (409)."""
    return form.is_bound and bool(form.non_field_errors())
