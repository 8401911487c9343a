"""Pages of a long list: counted no further than anybody leafs."""

from typing import cast

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

MOST_COUNTED = 10_000


class CappedPaginator(Paginator):
    """Counts to a limit: a table of 220.000 rows is searched and filtered, not leafed through to its end."""

    most = MOST_COUNTED

    @cached_property
    def count(self):
        return self._rows.order_by().values("pk")[: self.most + 1].count()

    @property
    def is_capped(self):
        return self.count > self.most

    def page(self, number):
        # An empty answer was searched for once already, by the count.
        return super().page(number) if self.count else Page(self._rows.none(), 1, self)

    @property
    def _rows(self):
        return cast("QuerySet", self.object_list)
