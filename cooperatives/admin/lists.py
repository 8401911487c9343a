"""The filters of the register's list."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from common.dates import today
from cooperatives import quality
from cooperatives.summary import last_ended_book_year


class RecordFilter(admin.SimpleListFilter):
    """Which records: those of the register unless somebody asks for others. It keeps the list on its indexes."""

    title = _("record")
    parameter_name = "catatan"

    def lookups(self, request, model_admin):
        return [("batal", _("voided")), ("ganda", _("merged into another record")), ("semua", _("all"))]

    def choices(self, changelist):
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": _("in the register"),
        }
        for value, label in self.lookup_choices:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": label,
            }

    def queryset(self, request, queryset):
        if self.value() == "batal":
            return queryset.filter(voided_at__isnull=False, same_as=None)
        if self.value() == "ganda":
            return queryset.filter(same_as__isnull=False)
        return queryset if self.value() == "semua" else queryset.in_register()


class LackingFilter(admin.SimpleListFilter):
    """The checks of the data-quality queue."""

    title = _("to be completed")
    parameter_name = "kurang"

    def lookups(self, request, model_admin):
        checks = [(check.key, check.label) for check in quality.CHECKS]
        return [*checks, (quality.NO_RETURN, _("without a return for the counting year"))]

    def queryset(self, request, queryset):
        known = self.value() in {value for value, _label in self.lookup_choices}
        return quality.failing(queryset, self.value()) if known else queryset


class BookYearFilter(admin.SimpleListFilter):
    """The recent book years, without searching the table for those that occur."""

    title = _("book year")
    parameter_name = "tahun"

    def lookups(self, request, model_admin):
        last = last_ended_book_year(today())
        return [(str(year), str(year)) for year in range(last, last - 15, -1)]

    def queryset(self, request, queryset):
        known = self.value() in {value for value, _label in self.lookup_choices}
        return queryset.filter(book_year=self.value()) if known else queryset
