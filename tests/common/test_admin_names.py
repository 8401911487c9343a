"""What the admin asks for has a name before any script has run."""

import re
from html.parser import HTMLParser

import pytest
from django.template import Context, Template
from django.urls import reverse

from common.fields import CountField
from cooperatives.models import BoardMember
from tests.factories import make_cooperative, make_return, make_user

pytestmark = pytest.mark.django_db


class _Rows(HTMLParser):
    """The heads of each table of rows, and in which column each visible control stands under which name."""

    def __init__(self):
        super().__init__()
        self.heads, self.controls = [], []
        self.inside = self.in_head = False

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "table":
            self.heads, self.inside = [], True
        elif tag == "thead":
            self.in_head = True
        elif tag in ("th", "td") and self.inside:
            if self.in_head:
                self.heads.append([tag, ""])
            else:
                self.column += 1
        elif tag == "tr":
            self.column = -1
        elif tag in ("input", "select", "textarea") and self.inside and attrs.get("type") != "hidden":
            self.controls.append((attrs["name"], attrs.get("aria-label"), self.heads[self.column][1].strip()))

    def handle_endtag(self, tag):
        if tag == "table":
            self.inside = False
            assert not [text for kind, text in self.heads if kind == "th" and not text.strip()], "an empty head"
        elif tag == "thead":
            self.in_head = False

    def handle_data(self, data):
        if self.in_head and self.heads:
            self.heads[-1][1] += data


@pytest.fixture
def administrator(client):
    client.force_login(make_user("administrator"))


def test_a_control_in_a_row_is_named_like_the_head_of_its_column(client, administrator):
    record = make_cooperative("KSP Maju")
    make_return(record)
    BoardMember.objects.create(cooperative=record, name="Siti", position=BoardMember.Position.CHAIR)
    rows = _Rows()
    rows.feed(client.get(reverse("admin:cooperatives_cooperative_change", args=[record.pk])).content.decode())
    names = {name for name, _label, _head in rows.controls}
    # Of a row that is there, of one that a script may add, and the box that takes a row out.
    assert {"board-0-name", "board-__prefix__-name", "board-0-DELETE", "returns-0-members"} <= names
    assert [control for control in rows.controls if not control[1] or control[1] != control[2]] == []


def test_the_search_box_is_named_in_the_language_of_the_page(client, administrator):
    page = client.get(reverse("admin:cooperatives_cooperative_changelist")).content.decode()
    box = re.search(r'<input [^>]*id="searchbar"[^>]*>', page)[0]
    assert 'aria-label="Cari"' in box
    assert 'alt="Search"' not in page


def test_a_named_control_comes_back_with_its_first_value():
    from django import forms

    class Small(forms.Form):
        n = CountField(label="jumlah", initial=6, show_hidden_initial=True)

    written = Template("{{ form.n|named:form.n.label }}").render(Context({"form": Small()}))
    assert written.count("<input") == 2
    assert written.count('aria-label="Jumlah"') == 1
    assert 'name="initial-n"' in written
