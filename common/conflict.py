"""Somebody was faster: who, in which fields, and how a form is brought up to date without losing what was typed.

Three states are compared: as the form was opened, as typed, as it is now. What this person did not
touch is taken over; where both changed a field, what was typed stays and both values are shown.
"""

import re
from dataclasses import dataclass, field

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext

from common.history import display, history_of, story


@dataclass
class Clash:
    """A field that both changed."""

    label: str
    typed: str
    now: str


@dataclass
class Conflict:
    """What somebody else saved while the form was open, and how the form was brought up to date."""

    entries: list
    taken: list = field(default_factory=list)
    clashes: list = field(default_factory=list)

    @property
    def sentence(self):
        who = sorted({str(entry.by) for entry in self.entries if entry.by})
        if not who:
            return gettext("This record was changed while the form was open. Nothing was overwritten.")
        return gettext("%(who)s changed this record while the form was open. Nothing was overwritten.") % {
            "who": ", ".join(who)
        }


def _as_posted(form_field, value):
    """What a browser would send for a value that it shows unedited."""
    widget = getattr(form_field.widget, "widget", form_field.widget)
    if isinstance(widget, forms.CheckboxInput):
        return "on" if value else None
    shown = widget.format_value(form_field.prepare_value(value))
    if isinstance(shown, (list, tuple)):
        shown = shown[0] if shown else ""
    return "" if shown is None else str(shown)


def take_over(conflict, data, form, before, *, prefix="", row_label=""):
    """Put into `data` what others changed and this person did not touch; note what both changed."""
    for name, form_field in form.fields.items():
        try:
            column = form._meta.model._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if form_field.disabled or form_field.widget.is_hidden or not hasattr(before, column.attname):
            continue
        old, now = getattr(before, column.attname), getattr(form.instance, column.attname)
        if old == now:
            continue
        key = f"{prefix}{name}"
        typed = form_field.widget.value_from_datadict(data, {}, key)
        label = f"{row_label}{form_field.label}"
        if not form_field.has_changed(old, typed):
            if (value := _as_posted(form_field, now)) is None:
                data.pop(key, None)
            else:
                data[key] = value
            conflict.taken.append(label)
        elif form_field.has_changed(now, typed):
            try:
                meant = form_field.to_python(typed)
                typed = str(meant) if column.is_relation and meant is not None else display(column, meant)
            except forms.ValidationError:
                typed = str(typed)
            shown = str(getattr(form.instance, name)) if column.is_relation and now else display(column, now)
            conflict.clashes.append(Clash(label, typed, shown))


def meet(record, data, form, *, blank=None):
    """What came between for a form on `record` that was opened at the version in `data`; None where nothing did.

    `data` is brought up to date: to the version that stands now, with what others changed and this person did not
    touch. `form` is the unbound form of the record as it stands; `blank` the record as a form for a new one shows it.
    """
    version = data.get("version", "")
    if version == str(record.version if record.pk else ""):
        return None
    data["version"] = str(record.version)
    known = int(version) if version.isdecimal() and len(version) < 10 else 0
    model = type(record)
    rows = history_of(model).filter(**{model._meta.pk.attname: record.pk}).order_by("history_date", "history_id")
    newer = rows.filter(version__gt=known).first()
    before = rows.filter(version__lte=known).last() or blank
    if newer is None or before is None:
        # Its version moved for the sake of other rows, its returns for instance; nothing of the record itself did.
        return None
    conflict = Conflict(story(record, since=newer.history_date))
    take_over(conflict, data, form, before)
    return conflict


def bring_rows_up_to_date(conflict, data, formset, inline, since):
    prefix, model = formset.prefix, formset.model
    manager, pk_name = history_of(model), model._meta.pk.name
    try:
        total, initial = int(data[f"{prefix}-TOTAL_FORMS"]), int(data[f"{prefix}-INITIAL_FORMS"])
    except (KeyError, ValueError):
        return
    if manager is None or not 0 <= initial <= total <= 1000:
        return
    forms_now = {str(form.instance.pk): form for form in formset.initial_forms}
    index = 0
    for _row in range(initial):
        here = f"{prefix}-{index}-"
        pk = data.get(f"{here}{pk_name}", "")
        old = (
            manager.filter(**{model._meta.pk.attname: pk}, history_date__lt=since)
            .order_by("-history_date", "-history_id")
            .first()
            if pk.isdecimal() and len(pk) < 19
            else None
        )
        if pk in forms_now:
            if old is not None and f"{here}DELETE" not in data:
                label = f"{inline.verbose_name} {forms_now[pk].instance}, "
                take_over(conflict, data, forms_now[pk], old, prefix=here, row_label=label)
            index += 1
            continue
        # Somebody removed the row. What was typed into it is kept as a new row, which can be emptied again.
        edited = old is not None and any(
            form_field.has_changed(
                getattr(old, model._meta.get_field(name).attname),
                form_field.widget.value_from_datadict(data, {}, f"{here}{name}"),
            )
            for name, form_field in formset.empty_form.fields.items()
            if name in {column.name for column in manager.model.tracked_fields} and name != pk_name
        )
        _drop_row(data, prefix, index, keep_as_new=edited and f"{here}DELETE" not in data, pk_name=pk_name)


def _drop_row(data, prefix, index, *, keep_as_new, pk_name):
    """Take one row out of a posted formset, or move it behind the others as a new one."""
    pattern = re.compile(rf"^{re.escape(prefix)}-([0-9]+)-(.+)$")
    rows = {}
    for key in list(data):
        if match := pattern.match(key):
            rows.setdefault(int(match[1]), {})[match[2]] = data.pop(key)
    total = int(data[f"{prefix}-TOTAL_FORMS"])
    ordered = [rows.get(number, {}) for number in range(total)]
    row = ordered.pop(index)
    if keep_as_new:
        ordered.append({**row, pk_name: [""]})
    for number, values in enumerate(ordered):
        for name, value in values.items():
            data.setlist(f"{prefix}-{number}-{name}", value)
    data[f"{prefix}-TOTAL_FORMS"] = str(len(ordered))
    data[f"{prefix}-INITIAL_FORMS"] = str(int(data[f"{prefix}-INITIAL_FORMS"]) - 1)
