"""The smallest importer that there can be: what the core is tested with."""

from collections import defaultdict
from pathlib import Path

from figures.models import Figure, Source
from imports import cells, reading
from imports.headings import guess_columns, guess_head, headings_of
from imports.importer import Field, Importer, _importers
from imports.models import ImportBatch

KIND = "uji"


class SourceImporter(Importer):
    kind = KIND
    label = "sumber"
    model = Source
    permission = "figures.add_source"
    fields = (
        Field("key", "kunci", ("id",), cells.text(60), required=True),
        Field("title", "judul", ("nama berkas",), cells.text(200), required=True),
        Field("publisher", "penerbit", (), cells.text(120), required=True, once=True),
        Field("published_on", "tanggal", ("tgl",), cells.day),
        Field("url", "tautan", (), cells.text(500)),
    )
    skipped = (("a running number", ("no",)),)

    def find(self, entries):
        keys = [entry.values.get("key") for entry in entries]
        found = {source.key: source for source in Source.objects.filter(key__in=keys)}
        for entry in entries:
            entry.key = entry.values.get("key")
            entry.record = found.get(entry.key)

    def check(self, entry):
        if entry.values.get("title") == "salah":
            entry.refuse("Judul ini salah.", column="judul", value="salah")

    def title(self, entry):
        return entry.values.get("title") or ""

    def taken(self, rows):
        keys = {row.after["key"]: row.pk for row in rows}
        return {keys[key] for key in Source.objects.filter(key__in=keys).values_list("key", flat=True)}

    def remove(self, records):
        used = set(Figure.objects.filter(source__in=records).values_list("source_id", flat=True))
        kept = [record for record in records if record.pk in used]
        deleted, _set_aside, _left = super().remove([record for record in records if record.pk not in used])
        return deleted, [], [record.pk for record in kept]

    def place_of(self, entry):
        return entry.values.get("publisher") or ""

    def places(self):
        found = defaultdict(int)
        for publisher in Source.objects.values_list("publisher", flat=True):
            found[publisher] += 1
        return found


def known(monkeypatch):
    """Make the importer known for one test."""
    monkeypatch.setitem(_importers, KIND, SourceImporter)


def make_batch(by, lines, folder, *, kind=KIND, name="uji.csv", media=None, **values):
    """A batch whose file was read and whose columns were guessed, from lines of text separated by semicolons."""
    batch = ImportBatch.objects.create(
        kind=kind, name=name, folder=folder, sha256=values.pop("sha256", "0" * 64), size=1, by=by, regency=by.regency
    )
    Path(batch.path).mkdir(parents=True, exist_ok=True)
    source = Path(batch.path) / name
    source.write_text("\n".join(lines), encoding="utf-8")
    sheet = reading.read(source, name, batch.path)[0]
    rows = dict(reading.rows(batch.path, sheet.index))
    importer = batch.importer(by)
    head_from, head_rows = guess_head(importer, rows)
    headings = headings_of(rows, head_from, head_rows)
    batch.step(
        ImportBatch.State.READ,
        sheet=sheet.index,
        head_from=head_from,
        head_rows=head_rows,
        headings=headings,
        columns=guess_columns(importer, headings),
        **values,
    )
    return batch
