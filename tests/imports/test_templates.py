"""The template of each real kind of file: what it asks for is understood when it comes back."""

import io

import pytest
from django.core.management import call_command
from django.urls import reverse
from python_calamine import CalamineWorkbook

from imports.files import EXAMPLE_ROW, HEADING_ROW
from imports.headings import guess_columns, guess_head
from imports.importer import importer_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["koperasi", "laporan-tahunan", "pengurus", "angka", "bantuan"])
def test_every_heading_of_a_template_means_its_own_field(client, kind):
    call_command("load_starter", verbosity=0)
    client.force_login(make_user("administrator"))
    response = client.get(reverse("import_template", args=[kind]))
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(response.streaming_content)))
    rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    importer = importer_of(kind)
    fields = [one.name for one in importer.fields]
    assert guess_columns(importer, rows[HEADING_ROW]) == fields
    # With the example above it, the heading is still found.
    assert guess_head(importer, dict(enumerate(rows, start=1))) == (HEADING_ROW + 1, 1)
    assert len(rows[EXAMPLE_ROW]) <= len(fields)
    choices = {column[0] for column in zip(*book.get_sheet_by_index(2).to_python(), strict=True)} - {""}
    run = importer(make_user("administrator"))
    run.prepare()
    assert len(choices) == sum(1 for one in run.fields if one.choices)
