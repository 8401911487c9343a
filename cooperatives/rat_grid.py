"""The RAT grid: one book year, many cooperatives, typed down like a list without opening each record.

A row is the return of one cooperative for the year. One POST saves the page: sound rows are
written, the others stay on the page as they were typed. Rows that nobody touched are never written,
so sending the same page again changes nothing.
"""

from dataclasses import dataclass, field

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from common.conflict import Conflict, take_over
from common.dates import today
from common.fields import CountField, DateField, TextField, UnknownBooleanField
from common.history import story
from common.paging import CappedPaginator
from cooperatives.forms import add_total
from cooperatives.models import AnnualReturn, Cooperative, Group, rules_on
from cooperatives.models.annual_return import contradictions, problems
from cooperatives.quality import owing_a_return
from cooperatives.summary import last_ended_book_year, publish_pages
from regions.models import Regency

PER_PAGE = 50
YEARS = 10
# Short, because a row is narrow; the caption says what the dash means.
ANSWERS = [("", "–"), ("1", _("Yes")), ("0", _("No"))]
FILLED = ("rat_held", "rat_on", "attendance", "audited", "members_men", "members_women", "members", "members_note")


class Choice(forms.Form):
    """Which book year and which cooperatives."""

    ANY, OPEN, FILLED_IN = "", "belum", "sudah"

    tahun = forms.TypedChoiceField(label=_("Book year"), coerce=int)
    wilayah = forms.ModelChoiceField(
        label=_("Regency"), queryset=Regency.objects.none(), required=False, to_field_name="slug", empty_label=_("all")
    )
    kelompok = forms.ModelChoiceField(
        label=_("Group"), queryset=Group.objects.all(), required=False, empty_label=_("all")
    )
    q = TextField(label=_("Name or number"), required=False, max_length=200)
    isi = forms.ChoiceField(
        label=_("Returns"),
        required=False,
        choices=[(ANY, _("all")), (OPEN, _("not entered yet")), (FILLED_IN, _("entered"))],
    )

    def __init__(self, data, *, user):
        on = today()
        last = last_ended_book_year(on)
        data = data.copy()
        data.setdefault("tahun", str(rules_on(on).counting_year))
        super().__init__(data)
        self.user = user
        self.fields["tahun"].choices = [(year, str(year)) for year in range(last, last - YEARS, -1)]
        if user.regency_id:
            del self.fields["wilayah"]
        else:
            self.fields["wilayah"].queryset = Regency.objects.on(on).defer("boundary", "note")
        for bound in self.visible_fields():
            bound.field.widget.attrs["class"] = "in"

    @property
    def year(self):
        return self.cleaned_data["tahun"]

    def cooperatives(self):
        """The standing ones of the choice that this person may edit and that existed in the book year."""
        asked = self.cleaned_data
        found = owing_a_return(Cooperative.objects.editable_by(self.user), self.year)
        if asked.get("wilayah"):
            found = found.located_in(asked["wilayah"])
        if asked["kelompok"]:
            found = found.filter(group=asked["kelompok"])
        if asked["q"]:
            found = found.matching(asked["q"])
        if asked["isi"]:
            given = Exists(AnnualReturn.objects.filter(cooperative=OuterRef("pk"), book_year=self.year))
            found = found.filter(given if asked["isi"] == self.FILLED_IN else ~given)
        return found.order_by("name_key", "pk")


class RowForm(forms.ModelForm):
    """One return, as far as it fits into a row."""

    rat_held = UnknownBooleanField(required=False, label=_("RAT held"), choices=ANSWERS)
    rat_on = DateField(required=False, label=_("date of the RAT"))
    attendance = CountField(required=False, label=_("attendance"))
    audited = UnknownBooleanField(required=False, label=_("audited"), choices=ANSWERS)
    members_men = CountField(required=False, label=_("men"))
    members_women = CountField(required=False, label=_("women"))
    members = CountField(required=False, label=_("members"))
    members_note = TextField(required=False, max_length=200, label=_("why the sum differs"))
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = AnnualReturn
        fields = list(FILLED)

    def __init__(self, data=None, *, instance, **kwargs):
        super().__init__(data, instance=instance, **kwargs)
        self.stored = {name: getattr(instance, name) for name in FILLED}
        self.initial["seen"] = instance.version if instance.pk else ""
        for bound in self.visible_fields():
            attrs = bound.field.widget.attrs
            attrs["class"] = "in"
            attrs["aria-label"] = f"{bound.label}: {instance.cooperative}"

    def clean(self):
        super().clean()
        add_total(self)
        return self.cleaned_data

    def _post_clean(self):
        """The rules in Python, not one query for each constraint: a page has fifty rows."""
        if self.errors:
            return
        for name, value in self.cleaned_data.items():
            if name in FILLED:
                setattr(self.instance, name, value)
        entry = self.instance
        found = contradictions(entry) | problems(entry, founded_on=entry.cooperative.founding_date)
        for name, message in found.items():
            self.add_error(name if name in self.fields else None, message)

    @property
    def edited(self):
        """The fields whose value differs from what is stored."""
        return [name for name in FILLED if self.cleaned_data[name] != self.stored[name]]


class SourceForm(forms.Form):
    """Where the rows that are saved now come from."""

    source = TextField(
        required=False,
        max_length=200,
        label=_("Source of what is saved now"),
        help_text=_(
            "Public, beside each return: minutes of the RAT, a visit. Empty leaves each row's source as it is."
        ),
    )


@dataclass
class Row:
    cooperative: Cooperative
    form: RowForm
    conflict: Conflict | None = None

    @property
    def anchor(self):
        return f"baris-{self.cooperative.pk}"

    @property
    def complaints(self):
        """What keeps the row from being written; nothing is said of a row that nobody touched."""
        form = self.form
        if not form.is_bound or not (self.conflict or form.has_changed()):
            return []
        plain = [str(words) for words in form.non_field_errors()]
        fields = [(capfirst(field.label), field.errors) for field in form.visible_fields()]
        return plain + [f"{label}: {words}" for label, errors in fields for words in errors]


@dataclass
class Page:
    """The rows of one page of the grid, and what saving them came to."""

    user: object
    year: int
    cooperatives: list
    data: QueryDict | None = None
    saved: list = field(default_factory=list)

    @cached_property
    def rows(self):
        entries = {
            entry.cooperative_id: entry
            for entry in AnnualReturn.objects.filter(book_year=self.year, cooperative__in=self.cooperatives)
        }
        return [self._row(cooperative, entries.get(cooperative.pk)) for cooperative in self.cooperatives]

    def _row(self, cooperative, entry):
        entry = entry or AnnualReturn(book_year=self.year, rat_held=None)
        entry.cooperative = cooperative
        return Row(cooperative, RowForm(self.data, instance=entry, prefix=f"r{cooperative.pk}"))

    @property
    def unsaved(self):
        return [row for row in self.rows if row.complaints]

    @cached_property
    def source(self):
        return SourceForm(self.data)

    def save(self):
        """Write the rows that were edited and are sound. The cooperatives are locked by the caller."""
        if not self.source.is_valid():
            return
        source = self.source.cleaned_data["source"]
        new, changed, edited_fields = [], [], {"source"} if source else set()
        for row in self.rows:
            form = row.form
            if not form.has_changed() or not form.is_valid() or not form.edited:
                continue
            entry = form.instance
            if form.cleaned_data["seen"] != str(entry.version if entry.pk else ""):
                self._tell(row)
                continue
            edited_fields |= set(form.edited)
            entry.source = source or entry.source
            if entry.pk:
                entry.version += 1
                changed.append(entry)
            else:
                new.append(entry)
        if not new and not changed:
            return
        told = {"default_user": self.user, "default_change_reason": gettext("RAT grid")}
        bulk_create_with_history(new, AnnualReturn, **told)
        bulk_update_with_history(changed, AnnualReturn, [*sorted(edited_fields), "version"], **told)
        self.saved = [entry.cooperative_id for entry in (*new, *changed)]
        publish_pages(self.saved)

    def _tell(self, row):
        """Somebody else saved this row meanwhile: take over what was not touched here, say the rest."""
        prefix = f"{row.form.prefix}-"
        seen = row.form.cleaned_data["seen"]
        known = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
        entry = AnnualReturn.objects.get(cooperative=row.cooperative, book_year=self.year)
        entry.cooperative = row.cooperative
        rows = AnnualReturn.history.filter(id=entry.pk)
        newer = rows.filter(version__gt=known).order_by("history_date", "history_id").first()
        before = rows.filter(version__lte=known).order_by("-history_date", "-history_id").first()
        row.conflict = Conflict(story(entry, since=newer.history_date) if newer else [])
        data = self.data.copy()
        data[f"{prefix}seen"] = str(entry.version)
        take_over(
            row.conflict,
            data,
            RowForm(instance=entry, prefix=row.form.prefix),
            before or AnnualReturn(rat_held=None),
            prefix=prefix,
        )
        row.form = RowForm(data, instance=entry, prefix=row.form.prefix)
        row.form.full_clean()
        row.form.add_error(None, row.conflict.sentence)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("cooperatives.fill_rat_grid", raise_exception=True)
def rat_grid(request):
    """Show the page of the choice in the address; on POST save it and go on."""
    choice = Choice(request.GET, user=request.user)
    if not choice.is_valid():
        return render(request, "cooperatives/rat_grid.html", {"choice": choice}, status=400 if request.GET else 200)
    found = choice.cooperatives()
    paginator = CappedPaginator(found.values_list("pk", flat=True), PER_PAGE)
    number = paginator.get_page(request.GET.get("page"))
    if request.method == "POST":
        page = _save(request, choice)
        if not page.unsaved and page.source.is_valid():
            return redirect(_next(request, number, moved_on=choice.cleaned_data["isi"] == Choice.OPEN))
    else:
        page = Page(request.user, choice.year, _in_order(list(number.object_list)))
    context = {"choice": choice, "page": number, "grid": page, "columns": _columns()}
    return render(request, "cooperatives/rat_grid.html", context)


@transaction.atomic
def _save(request, choice):
    """Lock what may be edited of the posted rows, then save them. Ids of others are as if they were not there."""
    ids = [int(pk) for pk in request.POST.getlist("row") if pk.isdecimal() and len(pk) < 19][: 2 * PER_PAGE]
    own = Cooperative.objects.editable_by(request.user).standing().filter(pk__in=ids).values("pk")
    list(Cooperative.objects.select_for_update(no_key=True).filter(pk__in=own).order_by("pk").values("pk"))
    page = Page(request.user, choice.year, _in_order(ids, Cooperative.objects.filter(pk__in=own)), data=request.POST)
    page.save()
    if not page.source.is_valid():
        messages.error(request, gettext("Nothing is saved yet: look at the source."))
        return page
    if page.saved:
        text = ngettext("%(n)d row saved.", "%(n)d rows saved.", len(page.saved))
        messages.success(request, text % {"n": len(page.saved)})
    if page.unsaved:
        text = ngettext(
            "%(n)d row is not saved yet: look at the marked one.",
            "%(n)d rows are not saved yet: look at the marked ones.",
            len(page.unsaved),
        )
        messages.error(request, text % {"n": len(page.unsaved)})
    elif not page.saved:
        messages.info(request, gettext("Nothing was changed on this page, so nothing was written."))
    return page


def _in_order(ids, rows=None):
    rows = Cooperative.objects.filter(pk__in=ids) if rows is None else rows
    return list(rows.select_related("regency").defer("search", "note").order_by("name_key", "pk"))


def _next(request, number, *, moved_on):
    """This page again, or the next. Among those not entered yet, the next ones have moved up to this page."""
    query = request.GET.copy()
    if "lanjut" in request.POST and number.has_next() and not moved_on:
        query["page"] = str(number.next_page_number())
    return f"{reverse('rat_grid')}?{query.urlencode()}"


def _columns():
    return [bound.label for bound in RowForm(instance=AnnualReturn(cooperative=Cooperative())).visible_fields()]
