"""What every admin of the office stands on: no lost update, no double save, no deletion, a readable history."""

import re
import secrets
from datetime import UTC, datetime

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import csrf_protect_m
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget, RelatedFieldWidgetWrapper
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError, models, transaction
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from common import fields
from common.conflict import Conflict, bring_rows_up_to_date, take_over
from common.history import history_of, story
from common.models import ChangedMeanwhile, Versioned, pointing_at
from common.numbers import format_number
from common.paging import CappedPaginator

# Lists are wide; the way to other tables leads over the trail and the index.
admin.site.enable_nav_sidebar = False

# Django's own words, named here so that our catalogue holds them, which is asked first: its Indonesian has a slip.
SAID_BETTER = [ngettext_lazy("Please correct the error below.", "Please correct the errors below.", "count")]

STORY_PAGE = 50
MOST_REFERRING = 20
_KEY = re.compile(r"^(?P<micros>[0-9]{15,17})-[A-Za-z0-9_-]{16,32}\Z")


def new_form_key():
    """A mark of one rendering of one form: when it was opened, and something nobody else has."""
    return f"{int(timezone.now().timestamp() * 1_000_000)}-{secrets.token_urlsafe(16)}"


class _Hidden(forms.CharField):
    """A hidden field that is never an edit of its own."""

    widget = forms.HiddenInput

    def has_changed(self, initial, data):
        return False


class _Reason(fields.TextField):
    """A line that goes into the history beside the edits; never an edit of its own."""

    def has_changed(self, initial, data):
        return False


class VersionedForm(forms.ModelForm):
    """A change form that carries the version that it was opened with, and a mark of its own."""

    version = _Hidden(required=False)
    form_key = _Hidden(required=False)
    change_reason = _Reason(
        required=False,
        max_length=100,
        label=_("Reason for this change"),
        help_text=_("Optional; it stands in the history beside the change."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    conflict = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for form_field in self.fields.values():
            form_field.label = capfirst(form_field.label) if form_field.label else form_field.label
        self.initial.setdefault("form_key", new_form_key())
        if self.instance.pk and isinstance(self.instance, Versioned):
            self.initial["version"] = self.instance.version

    def clean_version(self):
        given = self.cleaned_data["version"]
        return int(given) if given.isdecimal() and len(given) < 10 else None

    def _post_clean(self):
        super()._post_clean()
        if self.conflict:
            self.add_error(None, self.conflict.sentence)


class SmallNumberField(fields.CountField):
    """A year or a position: written without points."""

    def show(self, value):
        return str(value)


class OfficeFields:
    """Which form field reads which column, in an admin and in its inlines."""

    formfield_overrides = {
        **fields.FORMFIELDS,
        models.PositiveSmallIntegerField: {"form_class": SmallNumberField},
        models.CharField: {"form_class": fields.TextField, "widget": AdminTextInputWidget},
        models.SlugField: {"widget": AdminTextInputWidget},
        models.TextField: {"form_class": fields.LinesField, "widget": AdminTextareaWidget},
    }

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Three answers for a truth value that may be unknown."""
        if isinstance(db_field, models.BooleanField) and db_field.null:
            return db_field.formfield(form_class=fields.UnknownBooleanField, **kwargs)
        made = super().formfield_for_dbfield(db_field, request, **kwargs)
        if made is not None and isinstance(made.widget, RelatedFieldWidgetWrapper):
            # A slip of the hand beside a field must not change the record that it names.
            made.widget.can_change_related = made.widget.can_delete_related = False
        return made


class OfficeInline(OfficeFields, admin.TabularInline):
    """Rows of a record, on its page. Who may change the record may change them; its version covers them."""

    extra = 0
    show_change_link = False
    classes = ["collapse"]

    def has_add_permission(self, request, obj=None):
        return self._may_edit(request, obj)

    def has_change_permission(self, request, obj=None):
        return self._may_edit(request, obj)

    def has_delete_permission(self, request, obj=None):
        """A row can be taken out; its history keeps it. Records of their own say no."""
        return self.can_delete and self._may_edit(request, obj)

    def has_view_permission(self, request, obj=None):
        return self._parent.has_view_permission(request, obj) or self._may_edit(request, obj)

    def _may_edit(self, request, record):
        if record is None or record.pk is None:
            return self._parent.has_add_permission(request)
        return self._parent.has_change_permission(request, record)

    @property
    def _parent(self):
        return self.admin_site.get_model_admin(self.parent_model)


class VersionedAdmin(OfficeFields, admin.ModelAdmin):
    """The admin of a record that several people edit.

    A POST locks the row, then compares the version that the form was opened with. Where it differs,
    nothing is written: the page says whose change came between, takes over what the person had not
    touched, keeps what was typed, and can be saved again. The record's version covers its inlines.
    """

    form = VersionedForm
    change_form_template = "admin/versioned_change_form.html"
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 25
    list_max_show_all = 200
    actions = None
    view_on_site = False
    # Models that point at the record and are told in its history; those of the inlines are anyway.
    story_models = ()
    # Fields of the record that another row's history tells better.
    story_leaves_out = ()

    # -- What nobody may do ------------------------------------------------------------------------

    # Only for tables of words and rules, whose used rows the database protects.
    deletable = False

    def has_delete_permission(self, request, obj=None):
        """Nothing real is deleted: a wrong entry is voided or corrected, and its history stays."""
        return self.deletable and super().has_delete_permission(request, obj)

    def get_deleted_objects(self, objs, request):
        """What would go with the records; where something refers to them, what that is, and nothing goes."""
        if not (referring := list(self._referring_to(objs))):
            return super().get_deleted_objects(objs, request)
        return [str(record) for record in objs], {}, set(), referring

    def _referring_to(self, objs):
        keys = [record.pk for record in objs]
        for field in pointing_at(self.model):
            rows = field.model._base_manager.filter(**{f"{field.name}__in": keys}).order_by("pk")
            kind = capfirst(str(field.model._meta.verbose_name))
            for row in rows[:MOST_REFERRING]:
                yield self._referring_link(kind, row)
            if (more := rows.count() - MOST_REFERRING) > 0:
                words = ngettext("%(kind)s: %(count)s more", "%(kind)s: %(count)s more", more)
                yield words % {"kind": kind, "count": format_number(more)}

    def _referring_link(self, kind, row):
        if not self.admin_site.is_registered(type(row)):
            return f"{kind}: {row}"
        name = f"{self.admin_site.name}:{row._meta.app_label}_{row._meta.model_name}_change"
        return format_html('{}: <a href="{}">{}</a>', kind, reverse(name, args=[row.pk]), row)

    # -- Reading -----------------------------------------------------------------------------------

    def get_object(self, request, object_id, from_field=None):
        """The record; on POST the row is locked until the transaction ends."""
        if request.method != "POST" or not transaction.get_connection().in_atomic_block:
            return super().get_object(request, object_id, from_field)
        queryset = self.get_queryset(request)
        key = self.opts.pk if from_field is None else self.opts.get_field(from_field)
        try:
            found = queryset.filter(**{key.name: key.to_python(object_id)}).order_by()
            locked = self.model._base_manager.select_for_update(no_key=True)
            return locked.get(pk=found.values_list("pk", flat=True).get())
        except (self.model.DoesNotExist, forms.ValidationError, ValueError):
            return None

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        # What a person may not see answers exactly like what does not exist.
        raise Http404

    def get_fields(self, request, obj=None):
        hidden = set(VersionedForm.declared_fields)
        return [name for name in super().get_fields(request, obj) if name not in hidden]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.conflict = getattr(request, "conflict", None)
        return form

    # -- Writing -----------------------------------------------------------------------------------

    @csrf_protect_m
    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        typed = request.POST
        try:
            return self._save_once(request, object_id, form_url, extra_context)
        except (ChangedMeanwhile, IntegrityError):
            # Somebody was faster by a moment. What they wrote is visible now, so the second look can say so.
            request.POST = typed
            return self._save_once(request, object_id, form_url, extra_context)

    @transaction.atomic
    def _save_once(self, request, object_id, form_url, extra_context):
        # One person's own double click waits here for the first of the two.
        get_user_model()._base_manager.select_for_update(no_key=True).filter(pk=request.user.pk).values("pk").get()
        if done := self._saved_before(request):
            messages.info(request, gettext("This was saved already; sending it again changed nothing."))
            return HttpResponseRedirect(done)
        request.conflict = None
        if object_id is not None and issubclass(self.model, Versioned):
            record = self.get_object(request, unquote(object_id))
            if record is not None and self.has_change_permission(request, record):
                self._compare_versions(request, record)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _saved_before(self, request):
        """Where the first sending of this very form ended, or None."""
        key = request.POST.get("form_key", "")
        if not _KEY.match(key):
            return None
        entry = (
            LogEntry.objects.filter(
                user=request.user,
                content_type=ContentType.objects.get_for_model(self.model),
                action_time__gte=timezone.now() - timezone.timedelta(days=2),
                change_message__contains=f'"{key}"',
            )
            .order_by("-pk")
            .first()
        )
        if entry is None:
            return None
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[entry.object_id])

    def construct_change_message(self, request, form, formsets, add=False):
        """The form's mark goes into the log, in the transaction of the change: that is what makes a repeat known."""
        message = super().construct_change_message(request, form, formsets, add)
        key = request.POST.get("form_key", "")
        return [*message, {"form": key}] if _KEY.match(key) else message

    def save_form(self, request, form, change):
        record = super().save_form(request, form, change)
        record._change_reason = form.cleaned_data.get("change_reason") or None
        return record

    def save_model(self, request, obj, form, change):
        """Take the next version, then write; nothing at all where nothing of the record itself was edited."""
        if change and not form.has_changed():
            return
        if change and isinstance(obj, Versioned):
            obj.claim(form.cleaned_data["version"])
        super().save_model(request, obj, form, change)
        form.was_written = True

    def save_related(self, request, form, formsets, change):
        """Write the inline rows; a change of them alone takes the next version of the record as well."""
        edited = any(formset.has_changed() for formset in formsets)
        if edited and not getattr(form, "was_written", False) and isinstance(form.instance, Versioned):
            form.instance.claim(form.cleaned_data["version"])
            form.instance.save()
            form.was_written = True
        super().save_related(request, form, formsets, change)
        if edited or getattr(form, "was_written", False) or not change:
            self.published(request, form.instance, change=change)

    def save_formset(self, request, form, formset, change):
        reason = form.cleaned_data.get("change_reason") or None
        rows = formset.save(commit=False)
        for row in formset.deleted_objects:
            row._change_reason = reason
            row.delete()
        for row in rows:
            row._change_reason = reason
            if row.pk and isinstance(row, Versioned):
                row.claim(row.version)
            row.save()
        formset.save_m2m()

    def published(self, request, record, *, change):
        """Called once after a save that changed something, in its transaction: bump the public version here."""

    # -- Somebody was faster -----------------------------------------------------------------------

    def get_story_models(self, request, record):
        """The models that are told together with the record."""
        inlines = [inline.model for inline in self.get_inline_instances(request, record)]
        return list(dict.fromkeys([*inlines, *self.story_models]))

    def _compare_versions(self, request, record):
        posted = request.POST.get("version", "")
        if posted == str(record.version):
            return
        known = int(posted) if posted.isdecimal() and len(posted) < 10 else 0
        since, before = self._when_it_was_read(request, record, known)
        entries = story(
            record,
            related=self.get_story_models(request, record),
            leave_out=self.story_leaves_out,
            since=since,
        )
        request.conflict = conflict = Conflict(entries)
        data = request.POST.copy()
        data["version"] = str(record.version)
        if before is not None:
            fieldsets = self.get_fieldsets(request, record)
            form = self.get_form(request, record, change=True, fields=flatten_fieldsets(fieldsets))(instance=record)
            take_over(conflict, data, form, before)
        for formset, inline in self._unbound_formsets(request, record):
            bring_rows_up_to_date(conflict, data, formset, inline, since)
        request.POST = data

    def _unbound_formsets(self, request, record):
        """The inline formsets of the record, unbound, with their inlines."""
        seen = {}
        for FormSet, inline in self.get_formsets_with_inlines(request, record):  # noqa: N806 - a class
            prefix = FormSet.get_default_prefix()
            seen[prefix] = seen.get(prefix, 0) + 1
            if seen[prefix] != 1:
                prefix = f"{prefix}-{seen[prefix]}"
            yield FormSet(instance=record, prefix=prefix, queryset=inline.get_queryset(request)), inline

    def _when_it_was_read(self, request, record, known):
        """The moment after which a change is news to this form, and the record as the form showed it."""
        opened = datetime.fromtimestamp(0, UTC)
        if match := _KEY.match(request.POST.get("form_key", "")):
            opened = datetime.fromtimestamp(int(match["micros"]) / 1_000_000, UTC)
        manager = history_of(self.model)
        if manager is None:
            return opened, None
        rows = manager.filter(**{self.opts.pk.attname: record.pk})
        newer = rows.filter(version__gt=known).order_by("history_date", "history_id").first()
        before = rows.filter(version__lte=known).order_by("-history_date", "-history_id").first()
        # A change may have been written before the form was opened and become visible only afterwards.
        return (min(opened, newer.history_date) if newer else opened), before

    # -- History -----------------------------------------------------------------------------------

    def history_view(self, request, object_id, extra_context=None):
        """Who changed what, when and why, of the record and all that is told with it."""
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        entries = story(record, related=self.get_story_models(request, record), leave_out=self.story_leaves_out)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("History of %(name)s") % {"name": record},
            "module_name": str(self.opts.verbose_name_plural).capitalize(),
            "opts": self.opts,
            "object": record,
            "page": Paginator(entries, STORY_PAGE).get_page(request.GET.get("p")),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/story.html", context)
