"""What the built-in tags write: numbers, dates, gaps, statuses, the frame of a page, and forms."""

from datetime import UTC, date, datetime

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, RequestContext, Template
from django.test import RequestFactory
from django.utils import translation

GAP = '<span class="none">belum ada data</span>'
HOSTILE = "<script>alert(1)</script>"


def draw(source, path=None, **context):
    if path is None:
        return Template(source).render(Context(context))
    request = RequestFactory().get(path)
    return Template(source).render(RequestContext(request, context))


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("{{ 6111|number }}", "6.111"),
        ("{{ 0|number }}", "0"),
        ("{{ area|number:3 }}", "13.611,168"),
        ("{{ area|number }}", "13.611,2"),
        ("{{ 1234567|money }}", "Rp\u00a01.234.567"),
        ("{{ 0|money }}", "Rp\u00a00"),
        ("{{ 187500000|short_money }}", "187,5 <span>juta rupiah</span>"),
        ("{{ 2500000000|short_money }}", "2,5 <span>miliar rupiah</span>"),
        ("{{ 3000000000000|short_money }}", "3,0 <span>triliun rupiah</span>"),
        ("{{ 950000|short_money }}", "Rp\u00a0950.000"),
        ("{{ 2901|percent:5745 }}", "50,5\u00a0%"),
        ("{{ 0|percent:5745 }}", "0,0\u00a0%"),
        ("{{ day|longdate }}", "11\u00a0September\u00a02013"),
        ("{{ day|longdate:'month' }}", "September\u00a02013"),
        ("{{ day|longdate:'year' }}", "2013"),
        ("{{ when|moment }}", "11\u00a0September\u00a02013\u00a0pukul\u00a008.05\u00a0WITA"),
        ("{{ 0|missing }}", "0"),
        ("{{ 'Melak'|missing }}", "Melak"),
        ("{{ True|yes_no }}", "Ya"),
        ("{{ False|yes_no }}", "Tidak"),
    ],
)
def test_a_value_is_written_as_the_office_writes_it(source, written):
    when = datetime(2013, 9, 11, 0, 5, tzinfo=UTC)
    assert draw(source, day=date(2013, 9, 11), when=when, area=13611.168) == written


@pytest.mark.parametrize(
    "source",
    [
        "{{ none|number }}",
        "{{ ''|number }}",
        "{{ none|number:2 }}",
        "{{ none|money }}",
        "{{ none|short_money }}",
        "{{ none|percent:5745 }}",
        "{{ 5|percent:none }}",
        "{{ 5|percent:0 }}",
        "{{ none|longdate }}",
        "{{ none|longdate:'month' }}",
        "{{ none|moment }}",
        "{{ none|missing }}",
        "{{ ''|missing }}",
        "{{ none|yes_no }}",
    ],
)
def test_what_is_missing_is_said_in_words_and_is_never_zero(source):
    assert draw(source, none=None) == GAP


def test_missing_takes_other_words_and_escapes_them():
    assert draw("{{ none|missing:'tidak tercatat' }}", none=None) == '<span class="none">tidak tercatat</span>'
    assert HOSTILE not in draw("{{ none|missing:words }}", none=None, words=HOSTILE)


def test_missing_escapes_the_value_itself():
    assert draw("{{ value|missing }}", value=HOSTILE) == "&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.mark.parametrize("kind", ["ok", "way", "bad", "nil"])
def test_a_badge_carries_kind_and_word(kind):
    assert draw("{% badge kind 'Aktif' %}", kind=kind) == f'<span class="badge {kind}">Aktif</span>'


@pytest.mark.parametrize("kind", ["", None, 'x" onclick="y'])
def test_a_badge_of_no_known_kind_is_plain(kind):
    assert draw("{% badge kind 'Dibubarkan' %}", kind=kind) == '<span class="badge">Dibubarkan</span>'


def test_a_badge_without_a_word_says_that_there_is_no_data():
    assert draw("{% badge 'ok' none %}", none=None) == '<span class="badge nil">belum ada data</span>'


def test_a_badge_escapes_its_word():
    assert HOSTILE not in draw("{% badge 'ok' label %}", label=HOSTILE)


def test_a_stat_is_value_unit_meta_and_linked_source():
    html = draw("{% stat 'Koperasi' 5745 'unit' 'di 10 kabupaten/kota' '31 Desember 2021' '/s/' %}")
    assert '<dd class="v">5.745 <span>unit</span></dd>' in html
    assert '<dd class="meta">di 10 kabupaten/kota</dd>' in html
    assert '<a href="/s/">31 Desember 2021</a>' in html


def test_a_stat_without_a_value_has_no_unit_and_no_zero():
    html = draw("{% stat 'Koperasi' none 'unit' source_label='menunggu laporan' %}", none=None)
    assert f'<dd class="v">{GAP}</dd>' in html
    assert '<dd class="src">menunggu laporan</dd>' in html


def test_a_stat_shows_zero_as_zero_and_text_as_it_is():
    assert '<dd class="v">0</dd>' in draw("{% stat 'Galat' 0 %}")
    assert "187,5 <span>juta rupiah</span>" in draw("{% stat 'Nilai' 187500000|short_money %}")


def test_a_stat_escapes_what_it_is_given():
    html = draw("{% stat x x x x x x %}", x=HOSTILE)
    assert HOSTILE not in html
    assert html.count("&lt;script&gt;") == 6


def test_a_share_names_the_gap_to_its_target():
    html = draw("{% share 'Aktif' 2901 5745 75 'koperasi' %}")
    assert "50,5\u00a0%" in html
    assert "2.901 dari 5.745 koperasi" in " ".join(html.split()).replace("</span>", "")
    assert "24,5 poin di bawah target." in html


def test_a_share_at_its_target_says_so():
    html = draw("{% share 'RAT' 321 428 75 note='Per 2021.' source_label='x' %}")
    assert "Target tercapai." in html
    assert "Per 2021." in html


def test_a_share_without_data_claims_neither_gap_nor_success():
    html = draw("{% share 'RAT' none 428 75 note='Menunggu laporan.' source_label='x' source_url='/s/' %}", none=None)
    assert GAP in html
    assert "poin" not in html
    assert "tercapai" not in html
    assert "Menunggu laporan." in html


def test_charts_on_one_page_have_ids_of_their_own():
    html = draw("{% share_bar 1 2 %}{% share_bar 1 2 %}{% bar_chart p %}{% line_chart p %}", path="/", p=[("a", 1)])
    ids = [part.split('"')[0] for part in html.split(' id="')[1:]]
    assert len(ids) == 8
    assert len(set(ids)) == 8


def test_without_a_request_an_id_comes_from_what_is_drawn():
    one, same, other = (draw("{% share_bar a 2 %}", a=a) for a in (1, 1, 2))
    assert one == same
    assert one.split('id="')[1] != other.split('id="')[1]


@pytest.mark.parametrize("points", [None, []])
def test_a_chart_of_nothing_is_nothing(points):
    assert draw("{% bar_chart points %}{% line_chart points %}", points=points) == ""


def test_the_menu_marks_where_the_page_lies():
    entry = "{% menu_item 'regency_list' 'Wilayah' %}"
    assert draw(entry, path="/wilayah/") == '<li><a href="/wilayah/" aria-current="page">Wilayah</a></li>'
    assert 'aria-current="true"' in draw(entry, path="/wilayah/berau/")
    assert "aria-current" not in draw(entry, path="/koperasi/")
    assert "aria-current" not in draw("{% menu_item 'home' 'Beranda' exact=True %}", path="/wilayah/")


def test_the_menu_leaves_out_what_has_no_address_yet():
    assert draw("{% menu_item 'not_built_yet' 'Nanti' %}", path="/") == ""


def test_a_crumb_without_address_is_the_page_itself():
    assert draw("{% crumb 'Berau' %}") == '<li aria-current="page">Berau</li>'
    assert draw("{% crumb x '/w/' %}", x=HOSTILE).count("&lt;script&gt;") == 1


def test_the_other_language_is_the_same_page_with_its_query():
    link = "{% other_language_url %}"
    assert draw(link, path="/tentang/?q=melak") == "/en/tentang/?q=melak"
    with translation.override("en"):
        assert draw(link, path="/en/tentang/?q=melak") == "/tentang/?q=melak"


def test_a_page_of_one_language_offers_no_other():
    assert draw("{% other_language_url %}", path="/livez") == ""
    assert draw("{% other_language_url %}") == ""


def test_pages_keep_the_query_and_name_the_page():
    page = Paginator(range(2000), 25).page(7)
    html = draw("{% include 'includes/pages.html' %}", path="/koperasi/?wilayah=berau&page=7", page=page)
    assert 'href="?wilayah=berau&amp;page=6" rel="prev"' in html
    assert 'href="?wilayah=berau&amp;page=8" rel="next"' in html
    assert 'href="?wilayah=berau&amp;page=80"' in html
    assert "halaman 7 dari 80" in html
    assert html.count('aria-current="page"') == 1
    assert html.count('<li aria-hidden="true">…</li>') == 2


def test_the_ends_have_no_way_beyond():
    first, last = (Paginator(range(50), 25).page(n) for n in (1, 2))
    assert 'rel="prev"' not in draw("{% include 'includes/pages.html' %}", path="/", page=first)
    assert 'rel="next"' not in draw("{% include 'includes/pages.html' %}", path="/", page=last)


def test_one_page_needs_no_pages():
    page = Paginator(range(3), 25).page(1)
    assert draw("{% include 'includes/pages.html' %}", path="/", page=page).strip() == ""


def test_a_heading_that_nobody_filled_is_left_out():
    source = "{% where_filled %}<h1> {{ words }}</h1>{% endwhere_filled %}"
    assert draw(source, words="") == ""
    assert draw(source, words="Berau") == "<h1> Berau</h1>"


# Forms --------------------------------------------------------------------------------------------


class Entry(forms.Form):
    name = forms.CharField(label="Nama", help_text="Seperti di akta.")
    note = forms.CharField(label="Catatan", required=False, widget=forms.Textarea(attrs={"class": "tall"}))
    rat = forms.ChoiceField(
        label="RAT", help_text="Satu saja.", choices=[("y", "Ya"), ("n", "Tidak")], widget=forms.RadioSelect
    )
    checked = forms.BooleanField(label="Sudah diperiksa", help_text="Oleh Anda.")
    paper = forms.FileField(label="Berkas", required=False)
    mark = forms.CharField(widget=forms.HiddenInput)

    def clean(self):
        raise forms.ValidationError("Laki-laki dan perempuan tidak sama dengan jumlah.")


def form(data=None, **context):
    return draw("{% include 'includes/form.html' %}", path="/", form=Entry(data), **context)


def test_a_fresh_form_shows_hints_and_no_errors():
    html = form(submit="Kirim", back_url="/kerja/", after="Kantor memeriksa.")
    assert 'class="errors' not in html
    assert "aria-invalid" not in html
    assert '<p class="hint" id="id_name_helptext">Seperti di akta.</p>' in html
    assert 'aria-describedby="id_name_helptext"' in html
    assert "Kirim</button>" in html
    assert '<a href="/kerja/">' in html
    assert "Kantor memeriksa." in html
    assert 'enctype="multipart/form-data"' in html


def test_a_refused_form_links_each_error_to_its_field_and_keeps_what_was_typed():
    html = form({"name": "", "note": "tetap di sini"})
    assert 'role="alert"' in html
    assert '<a href="#id_name">Nama: ' in html
    # A list of buttons has no field of its own; its first one is the place to go.
    assert '<a href="#id_rat_0">RAT: ' in html
    assert "Laki-laki dan perempuan tidak sama dengan jumlah." in html
    # Nobody sees a hidden field; its error still has to be said.
    assert html.count("<li>") == 5
    assert "tetap di sini" in html


def test_an_error_stands_beside_its_field_and_is_tied_to_it():
    html = form({"name": ""})
    assert 'id="id_name_error"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'class="field bad" aria-describedby="id_rat_helptext id_rat_error"' in html


def test_a_control_has_the_look_of_the_portal_and_keeps_its_own():
    html = form()
    assert 'class="in tall"' in html
    assert '<label class="tick" for="id_checked"><input type="checkbox" name="checked"' in html
    assert '<fieldset class="field"' in html
    assert "class" not in html.split('type="file"')[1].split(">")[0]


def test_what_may_stay_empty_is_marked_as_such():
    assert "Catatan <span" in form().replace("\n", "")
    assert "(opsional)" in form().split("Catatan")[1].split("</label>")[0]
    assert "(opsional)" not in form().split('for="id_name"')[1].split("</label>")[0]


def test_form_labels_and_errors_are_escaped():
    class Hostile(forms.Form):
        field = forms.CharField(label=HOSTILE, help_text=HOSTILE, error_messages={"required": HOSTILE})

    html = draw("{% include 'includes/form.html' %}", path="/", form=Hostile({}))
    assert HOSTILE not in html


@pytest.mark.parametrize(("level", "kind"), [("success", "ok"), ("warning", "way"), ("error", "bad"), ("info", "")])
def test_a_message_has_the_colour_of_its_level(level, kind):
    assert draw("{{ level|message_kind }}", level=level) == kind


# Maps ---------------------------------------------------------------------------------------------

TILE = {
    "name": "Berau",
    "url": "/wilayah/berau/",
    "row": 1,
    "column": 2,
    "level": 3,
    "value": "52,6 %",
    "word": "dekat",
}
BLANK = {
    **TILE,
    "name": HOSTILE,
    "level": 0,
    "value": "",
    "word": "belum ada data",
    "path": "M0 0h9v9z",
    "x": 4,
    "y": 4,
}


def test_each_tile_is_a_link_with_name_value_and_word():
    html = draw("{% include 'includes/tiles.html' with label='aktif' %}", tiles=[TILE, BLANK], key=[(3, "50–75 %")])
    assert '<li class="r1 c2"><a class="lv3" href="/wilayah/berau/"><span>Berau</span> <b>52,6 %</b>' in html
    assert "<b>–</b> <span>belum ada data</span>" in html
    assert '<i class="lv3"></i>50–75 %' in html
    assert HOSTILE not in html


def test_each_outline_is_a_link_with_a_title():
    shapes = [{**TILE, "path": "M0 0h9v9z", "x": 4, "y": 4}, BLANK]
    html = draw(
        "{% include 'includes/map.html' with label='aktif' %}",
        map={"has_outlines": True, "tiles": shapes, "view_box": "0 0 48 34"},
    )
    assert 'viewBox="0 0 48 34"' in html
    assert "<title>Berau: 52,6 %, dekat</title>" in html
    assert html.count("<path class=") == 2
    assert html.count("<text") == 1
    assert HOSTILE not in html


def test_without_outlines_the_map_is_tiles():
    html = draw("{% include 'includes/map.html' with label='aktif' %}", map={"has_outlines": False, "tiles": [TILE]})
    assert '<ul class="tiles"' in html
