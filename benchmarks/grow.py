"""Multiplies a small simulated register in the database itself, to sizes that the ORM would take an hour for."""

from django.db import connection, transaction

from common.models import DataVersion
from cooperatives.models import AnnualReturn, BoardMember, Cooperative, StatusPeriod

# Texts that tell one copy from another, by column.
_NUMBERED = ("name", "name_key", "search", "legal_number")


def grow(copies):
    """Add `copies` copies of every cooperative with its periods, returns and board. Ids must begin at 1."""
    base = Cooperative.objects.order_by("-pk").values_list("pk", flat=True).first()
    with transaction.atomic():
        for model in (Cooperative, StatusPeriod, AnnualReturn, BoardMember):
            _copy(model, copies, base)
        DataVersion.bump("cooperatives")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for model in (Cooperative, StatusPeriod, AnnualReturn, BoardMember):
                table = model._meta.db_table
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
            cursor.execute("VACUUM ANALYZE")
        else:
            cursor.execute("ANALYZE")


def _copy(model, copies, base):
    table = model._meta.db_table
    highest = model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    columns, values = [], []
    for field in model._meta.concrete_fields:
        quoted = connection.ops.quote_name(field.column)
        columns.append(quoted)
        if field.primary_key:
            values.append(f"t.id + {highest} * copy.n")
        elif field.name in ("cooperative", "successor", "same_as"):
            values.append(f"t.{quoted} + {base} * copy.n")
        elif model is Cooperative and field.name in _NUMBERED:
            values.append(f"CASE WHEN t.{quoted} = '' THEN '' ELSE t.{quoted} || ' ' || copy.n END")
        elif field.name == "nomor_induk_koperasi":
            number = f"CAST(8000000000000 + t.id + {base} * copy.n AS text)"
            values.append(f"CASE WHEN t.{quoted} IS NULL THEN NULL ELSE {number} END")
        else:
            values.append(f"t.{quoted}")
    numbers = f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {copies}) SELECT n FROM s"
    series = f"({numbers}) AS copy"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)})"
            f" SELECT {', '.join(values)} FROM {table} AS t CROSS JOIN {series}"
        )
