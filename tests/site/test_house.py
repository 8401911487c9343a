"""Rules of the house that scripts/house_rules.py does not see: what models are called, what they keep, what a page of
everybody may look at."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import models
from django.urls import URLPattern, get_resolver

from common.admin import VersionedAdmin
from common.models import Versioned

ROOT = Path(settings.BASE_DIR)
APPS = """
    accounts assistance common cooperatives figures files imports kaltim_koperasi meetings notices portal progress
    regions reporting
""".split()
OWN = [
    model
    for model in apps.get_models()
    if model.__module__.split(".")[0] in APPS and not hasattr(model, "history_object")
]


def sources():
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT), path.read_text(encoding="utf-8")


def templates():
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield path.relative_to(ROOT / "templates"), path.read_text(encoding="utf-8")


# -- Models -------------------------------------------------------------------------------------------

# What the field's standard, or Django, calls otherwise.
OTHER_NAMES = {"since", "until", "valid_from", "valid_until", "certificate_valid_until", "status_since", "as_of"}
OTHER_NAMES |= {"period_start", "last_login", "rat_held", "audited"}
# Since when a running command holds it.
OTHER_NAMES |= {"mailing_since"}
# How a person wanted an import applied.
OTHER_NAMES |= {"only_good"}


@pytest.mark.parametrize("model", OWN, ids=lambda model: model.__name__)
def test_the_name_of_a_column_tells_its_kind(model):
    endings = {models.DateTimeField: r".*_at", models.DateField: r".*_on", models.BooleanField: r"(is|has|can)_.*"}
    for field in model._meta.local_fields:
        if field.name not in OTHER_NAMES and (pattern := endings.get(type(field))):
            assert re.fullmatch(pattern, field.name), f"{model.__name__}.{field.name}"
        # Two numbers share these letters: the public one of a cooperative and a citizen's protected one.
        assert field.name != "nik", f"{model.__name__}.nik"


@pytest.mark.parametrize("model", OWN, ids=lambda model: model.__name__)
def test_every_model_has_words_for_people(model):
    for words in (model._meta.verbose_name, model._meta.verbose_name_plural):
        assert str(words), model
        assert not isinstance(words, str), f"{model.__name__} is not translated"


def test_what_is_edited_in_the_admin_carries_a_version_and_a_history():
    for model, model_admin in admin.site._registry.items():
        if model in OWN:
            assert issubclass(model, Versioned), model
            assert isinstance(model_admin, VersionedAdmin), model
            assert hasattr(model, "history"), model
            assert not model_admin.list_editable, f"{model}: a list that saves compares no version"


def test_a_row_inside_a_record_keeps_its_history_too():
    for model_admin in admin.site._registry.values():
        for inline in getattr(model_admin, "inlines", ()):
            assert hasattr(inline.model, "history"), inline


def test_saving_is_never_more_than_saving():
    """No save() of a model's own, and no signal of ours: if it happens, somebody called it by name."""
    for model in OWN:
        assert "save" not in vars(model), model
    listening = {str(path): re.findall(r"\b(\w+)\.connect\(|@receiver\((\w+)", text) for path, text in sources()}
    assert {path: found for path, found in listening.items() if found} == {"accounts/apps.py": [("post_migrate", "")]}


@pytest.mark.django_db
def test_a_name_in_words_asks_the_database_nothing(django_assert_num_queries):
    """`__str__` never crosses a foreign key: a list of a thousand would ask a thousand times."""
    for model in OWN:
        with django_assert_num_queries(0):
            pk = "x" if isinstance(model._meta.pk, models.CharField) else 1
            related = [field for field in model._meta.local_fields if field.is_relation and not field.primary_key]
            str(model(pk=pk, **{field.attname: 1 for field in related}))


# -- Code ---------------------------------------------------------------------------------------------


def test_markup_is_only_trusted_where_it_is_drawn():
    # Charts are drawn; minutes are sanitised in the same line.
    trusted = {"common/charts.py", "meetings/minutes.py"}
    assert {str(path) for path, text in sources() if "mark_safe" in text} <= trusted
    assert [path for path, text in templates() if re.search(r"\|\s*safe\b|autoescape off|safeseq", text)] == []


def test_no_test_and_no_view_looks_at_the_clock_to_wait():
    wanted = re.compile(r"\btime\.sleep\(")
    assert [path for path, text in sources() if wanted.search(text)] == []


def test_every_address_of_ours_has_a_name():
    nameless = []

    def walk(patterns):
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                if not pattern.name and pattern.callback.__module__.split(".")[0] in APPS:
                    nameless.append(str(pattern.pattern))
            elif getattr(pattern, "app_name", None) != "admin":
                walk(pattern.url_patterns)

    walk(get_resolver().url_patterns)
    assert nameless == []


def test_no_query_is_glued_together_from_text():
    """Raw SQL takes its values as parameters; an f-string in execute() or RawSQL() is how one forgets."""
    found = []
    for path, text in sources():
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in {"RawSQL", "raw", "extra"} and not isinstance(node.args[0], ast.Constant):
                found.append(f"{path}:{node.lineno}")
    assert found == []


# -- Templates ----------------------------------------------------------------------------------------


# The one form of a public page, which sets no cookie: where it leads, and the token of its own that it carries.
WITHOUT_COOKIE = {"assistance/aid_unit.html": ('{% url "say_hint" ', "{{ form.token }}")}


def test_a_form_that_changes_something_carries_its_token():
    exceptions = set()
    for path, text in templates():
        for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", text, re.DOTALL | re.IGNORECASE):
            if str(path) in WITHOUT_COOKIE:
                assert "csrf_token" not in form, f"{path}: Django's token would set a cookie"
                assert all(words in form for words in WITHOUT_COOKIE[str(path)]), path
                exceptions.add(str(path))
            else:
                assert "csrf_token" in form, path
    assert exceptions == set(WITHOUT_COOKIE)


def test_a_page_for_everybody_looks_at_nobody():
    """Public pages are kept for the next visitor. Those of the sign-in wear the same frame and are not."""
    looks = re.compile(r"\b(?:request\.user|request\.session|perms\.|user\.(?!username|full_name))|messages\.html")
    family = {"public.html", "base.html"}
    while True:
        parents = family - {"base.html"}
        frames = {str(path): re.match(r'{% extends "([^"]+)"', text) for path, text in templates()}
        grown = family | {path for path, found in frames.items() if found and found[1] in parents}
        if grown == family:
            break
        family = grown
    family = {path for path in family if path.partition("/")[0] not in {"account", "accounts", "mfa"}}
    assert "portal/home.html" in family
    texts = {
        str(path): re.sub(r"{% comment %}.*?{% endcomment %}", "", text, flags=re.DOTALL) for path, text in templates()
    }
    # With what they include.
    included = {name for path in family for name in re.findall(r'include "([^"]+)"', texts[path])}
    assert {path for path in family | included if path in texts and looks.search(texts[path])} == set()


def test_every_page_says_its_language_title_and_width():
    text = (ROOT / "templates/base.html").read_text(encoding="utf-8")
    for needed in ('<html lang="{{ LANGUAGE_CODE }}"', 'name="viewport"', "<title>", 'class="skip"'):
        assert needed in text
    assert "user-scalable" not in text and "maximum-scale" not in text
