"""The register as a file: exactly the rows of a filter, in the public columns."""

from common.exports import stream
from cooperatives.filters import CooperativeFilter
from cooperatives.public_fields import RELATED, cooperative_columns


def export(request, queryset, expected=None):
    """The cooperatives of a queryset as the file that `?format=` asks for: csv, xlsx or json; else 404.

    `expected` is the number of rows where it is known already. Under `?per=` status and regency are
    those of the day.
    """
    asked = CooperativeFilter(request.GET)
    on = asked.date if "status_on" in queryset.query.annotations else None
    related = {key: model.objects.in_bulk() for key, model in RELATED.items() if key != "regency"}
    related["regency"] = asked.regencies if on is None else asked.regency_then
    return stream(
        request,
        name="koperasi",
        columns=cooperative_columns(on=on),
        queryset=queryset,
        keys=("cooperatives", "regions"),
        expected=expected,
        related=related,
    )
