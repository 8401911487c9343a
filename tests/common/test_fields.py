"""Form fields: what was typed stays, what was stored reads back as itself, and refusals say what to do."""

from datetime import UTC, date, datetime

import pytest
from django import forms
from django.contrib.admin import widgets
from django.db import models
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from common.fields import (
    FORMFIELDS,
    CountField,
    DateField,
    IdentityNumberField,
    LinesField,
    RupiahField,
    SignedRupiahField,
    TextField,
    ThirteenDigitsField,
    UnknownBooleanField,
    YearField,
    formfield_for,
)

property_of = settings(deadline=None, derandomize=True, database=None, max_examples=200)


class Entry(forms.Form):
    members = CountField(required=False)
    assets = RupiahField(required=False)
    surplus = RupiahField(required=False, signed=True)
    year = YearField(required=False)
    held_on = DateField(required=False)
    name = TextField(required=False, max_length=10)
    note = LinesField(required=False)
    number = IdentityNumberField(required=False)
    is_audited = UnknownBooleanField(required=False)


STORED = {
    "members": 6111,
    "assets": 1_234_567,
    "surplus": -12_000_000,
    "year": 2024,
    "held_on": date(2025, 3, 2),
    "name": "Maju",
    "note": "satu\ndua",
    "number": "0275070060001",
    "is_audited": False,
}


def shown(form):
    return {bound.name: bound.field.widget.format_value(bound.value()) for bound in form}


@pytest.mark.parametrize("language", ["id", "en"])
def test_what_is_loaded_and_saved_untouched_stays_the_same(language):
    with translation.override(language):
        typed = shown(Entry(initial=STORED)) | {"is_audited": "0"}
        assert typed["members"] == "6.111"
        assert typed["assets"] == "1.234.567"
        assert typed["surplus"] == "-12.000.000"
        assert typed["year"] == "2024"
        assert typed["held_on"] == "02/03/2025"
        form = Entry(typed, initial=STORED)
        assert form.is_valid(), form.errors
        assert form.cleaned_data == STORED
        assert form.changed_data == []


def test_empty_is_not_known_and_zero_is_zero():
    form = Entry(dict.fromkeys(STORED, ""))
    assert form.is_valid()
    assert form.cleaned_data == {
        **dict.fromkeys(STORED),
        "name": "",
        "note": "",
        "number": "",
    }
    assert form.changed_data == []
    assert Entry({"members": "0"}).fields["members"].clean("0") == 0
    assert Entry({"members": "0", "is_audited": "1"}).changed_data == ["members", "is_audited"]


def test_a_required_field_says_so():
    for field in (CountField(), RupiahField(), DateField(), YearField(), TextField(), IdentityNumberField()):
        with pytest.raises(forms.ValidationError) as caught:
            field.clean("  ")
        assert caught.value.code == "required"


REFUSED = {
    "members": ("6,111", "Do you mean 6.111?"),
    "assets": ("5,25", "without cents"),
    "surplus": ("1,5 juta", "in full"),
    "year": ("24", "four digits"),
    "held_on": ("02/13/2025", "Do you mean 13/02/2025?"),
    "name": ("Ma\u200bju", "U+200B ZERO WIDTH SPACE"),
    "note": ("K\u043ep", "U+043E CYRILLIC SMALL LETTER O"),
    "number": ("6402011705900001", "a citizen's NIK (KTP)"),
}


@pytest.mark.parametrize(("name", "typed", "said"), [(name, *rest) for name, rest in REFUSED.items()])
def test_what_was_typed_stays_beside_its_message(name, typed, said):
    with translation.override("en"):
        form = Entry({name: typed}, initial=STORED)
        assert list(form.errors) == [name]
        assert said in form.errors[name][0]
        assert f'value="{typed}"' in str(form[name]) or typed in str(form[name])
        assert name in form.changed_data


def test_a_message_is_in_the_language_of_the_reader():
    assert Entry({"held_on": "01/02/25"}).errors["held_on"] == [
        "Tulis tahun dengan empat angka. Maksud Anda 01/02/2025?"
    ]


def test_numbers_bring_the_numeric_keyboard_and_a_loss_brings_a_minus():
    form = Entry()
    for name in ("members", "assets", "year", "number"):
        assert 'inputmode="numeric"' in str(form[name])
    for name in ("surplus", "held_on"):
        assert 'inputmode="text"' in str(form[name])
    for bound in form:
        assert 'type="number"' not in str(bound)


def test_a_date_shows_how_it_is_written():
    assert 'placeholder="hh/bb/tttt"' in str(Entry()["held_on"])
    with translation.override("en"):
        assert 'placeholder="dd/mm/yyyy"' in str(Entry()["held_on"])


def test_a_browsers_own_date_box_gets_the_date_in_its_own_form():
    field = DateField(widget=forms.DateInput(attrs={"type": "date"}))
    assert field.prepare_value(date(2025, 3, 2)) == "2025-03-02"
    assert field.clean("2025-03-02") == date(2025, 3, 2)


def test_a_moment_from_python_is_its_day():
    assert DateField().clean(datetime(2025, 3, 2, tzinfo=UTC)) == date(2025, 3, 2)


@pytest.mark.parametrize("widget", [forms.NumberInput, widgets.AdminBigIntegerFieldWidget(attrs={"id": "x"})])
def test_a_browsers_own_number_box_never_gets_a_dotted_number(widget):
    field = CountField(widget=widget)
    html = field.widget.render("members", field.prepare_value(6111))
    assert 'type="text"' in html
    assert 'value="6.111"' in html
    # The control: Django's box as it comes, in which a browser reads six and a bit.
    box = widget() if isinstance(widget, type) else widget
    assert 'type="number"' in box.render("members", "6.111")


def test_limits_are_told_in_numbers():
    with translation.override("en"):
        for field, typed, said in [
            (CountField(max_value=10), "11", "at most 10"),
            (CountField(most=1000, max_value=5000), "1.001", "at most 1.000"),
            (CountField(min_value=2), "1", "at least 2"),
            (YearField(min_value=1950), "1949", "between 1950 and 2100"),
            (YearField(max_value=2030), "2031", "between 1900 and 2030"),
            (YearField(), "2.024", "four digits"),
            (YearField(), "２０２４", "four digits"),
            (RupiahField(), "-5", "below zero"),
        ]:
            with pytest.raises(forms.ValidationError, match=said):
                field.clean(typed)


def test_numbers_from_python_pass_the_same_rules():
    assert CountField().clean(6111) == 6111
    assert YearField().clean(2024) == 2024
    assert SignedRupiahField().clean(-5) == -5
    for field, value in [(CountField(), -1), (CountField(), True), (CountField(), 6.5), (RupiahField(), 10**30)]:
        with pytest.raises(forms.ValidationError):
            field.clean(value)


def test_text_is_cleaned_before_its_length_is_measured():
    assert TextField(max_length=9).clean("  Maju   Jaya ") == "Maju Jaya"
    with pytest.raises(forms.ValidationError):
        TextField(max_length=8).clean("Maju Jaya")
    assert TextField(required=False, empty_value=None).clean(" \u00a0 ") is None
    assert LinesField().clean("satu\r\ndua") == "satu\ndua"


def test_thirteen_digits_are_null_where_they_are_not_known():
    field = ThirteenDigitsField(required=False, max_length=13)
    assert field.clean("") is None
    assert field.clean(" \u00a0") is None
    assert field.clean("3275 0700 60001") == "3275070060001"
    # No box that swallows the rest: a longer number must arrive to be named.
    assert "maxlength" not in field.widget.attrs
    assert ThirteenDigitsField(required=False, empty_value="").clean("") == ""
    named = IdentityNumberField(digits=16, shapes={13: "nomor lain"})
    with pytest.raises(forms.ValidationError, match="nomor lain"):
        named.clean("3275070060001")


@pytest.mark.parametrize(("value", "answer"), [("", None), ("1", True), ("0", False)])
def test_yes_no_and_not_known_are_three_answers(value, answer):
    field = UnknownBooleanField(required=False)
    assert field.clean(value) is answer
    assert field.prepare_value(answer) == value
    assert not field.has_changed(answer, value)
    assert all(field.has_changed(answer, other) for other in {"", "1", "0"} - {value})


def test_a_field_that_cannot_be_typed_into_never_changes():
    for field in (CountField(disabled=True), UnknownBooleanField(disabled=True)):
        assert not field.has_changed(None, "1")


def column(field):
    field.set_attributes_from_name("amount")
    return field


@pytest.mark.parametrize(
    ("db_field", "expected"),
    [
        (models.PositiveIntegerField(), CountField),
        (models.BigIntegerField(), RupiahField),
        (models.DateField(), DateField),
        (models.CharField(max_length=10), TextField),
        (models.TextField(), LinesField),
        (models.EmailField(), forms.EmailField),
        (models.DateTimeField(), forms.DateTimeField),
        (models.PositiveSmallIntegerField(), forms.IntegerField),
        (models.CharField(max_length=1, choices=[("a", "A")]), forms.TypedChoiceField),
    ],
)
def test_a_column_gets_the_field_that_reads_it(db_field, expected):
    assert type(formfield_for(column(db_field))) is expected


def test_a_choice_stays_a_choice():
    field = formfield_for(column(models.PositiveIntegerField(choices=[(1, "satu")])))
    assert isinstance(field.widget, forms.Select)


def test_a_form_may_ask_for_another_field():
    field = formfield_for(column(models.BigIntegerField()), form_class=SignedRupiahField)
    assert field.clean("-5.000") == -5000


def test_the_admins_widgets_do_not_come_back():
    # As the admin merges its own defaults with the overrides.
    for kind, box in [
        (models.PositiveIntegerField, widgets.AdminIntegerFieldWidget),
        (models.BigIntegerField, widgets.AdminBigIntegerFieldWidget),
    ]:
        field = column(kind()).formfield(**{"widget": box, **FORMFIELDS[kind]})
        assert 'type="text"' in field.widget.render("amount", field.prepare_value(6111))


def test_without_a_parser_of_its_own_a_field_reads_nothing():
    from common.fields import _ReadField

    for act in (_ReadField().parse, _ReadField().show):
        with pytest.raises(NotImplementedError):
            act("x")


@property_of
@given(st.text(st.characters()))
def test_no_text_breaks_a_form(text):
    form = Entry(dict.fromkeys(STORED, text))
    form.is_valid()
    assert shown(form)["members"] in (text, None)
