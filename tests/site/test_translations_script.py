"""scripts/translations.py check: every way in which a catalogue can be behind the code is refused."""

import importlib.util
import shutil
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(not shutil.which("msgfmt"), reason="GNU gettext is not on this machine")


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("translations_script", ROOT / "scripts" / "translations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path, script, monkeypatch):
    """A project whose code holds two strings, both translated and compiled."""
    path = tmp_path / script.CATALOGUE
    path.parent.mkdir(parents=True)
    po = polib.POFile()
    po.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": "nplurals=1; plural=0;"}
    po.append(polib.POEntry(msgid="Members", msgstr="Anggota"))
    po.append(polib.POEntry(msgid="%(n)s unit", msgid_plural="%(n)s units", msgstr_plural={0: "%(n)s unit"}))
    po.save(str(path))
    po.save_as_mofile(str(path.with_suffix(".mo")))
    monkeypatch.setattr(script, "ROOT", tmp_path)
    monkeypatch.setattr(script, "collect", lambda root: None)
    return path


def test_a_complete_catalogue_passes(script, project, capsys):
    script.check()
    assert "2 strings, all translated" in capsys.readouterr().out


def _untranslate(po):
    po[0].msgstr = ""


def _guess(po):
    po[0].flags.append("fuzzy")


def _forget_the_number(po):
    po[1].flags.append("python-format")
    po[1].msgstr_plural = {0: "%(m)s unit"}


def _keep_old(po):
    po.append(polib.POEntry(msgid="Gone", msgstr="Hilang", obsolete=True))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_untranslate, r"Untranslated or fuzzy \(1\)"),
        (_guess, r"Untranslated or fuzzy \(1\)"),
        (_forget_the_number, "Wrong in the catalogue"),
        (_keep_old, r"Kept though obsolete \(1\)"),
    ],
)
def test_a_catalogue_with_a_hole_is_refused(script, project, damage, sentence):
    po = polib.pofile(str(project))
    damage(po)
    po.save(str(project))
    with pytest.raises(SystemExit, match=sentence):
        script.check()


def test_a_mo_that_is_not_the_pos_is_refused(script, project):
    po = polib.pofile(str(project))
    po[0].msgstr = "Para anggota"
    po.save(str(project))
    with pytest.raises(SystemExit, match=r"committed \.mo is not what the \.po compiles to"):
        script.check()


@pytest.mark.parametrize(
    ("collected", "sentence"),
    [
        ("New", r"In the code but not in the catalogue \(1\):\n  'New'"),
        (None, r"no longer in the code \(1\):\n  'Members'"),
    ],
)
def test_a_string_that_came_or_went_is_refused(script, project, monkeypatch, collected, sentence):
    def collect(root):
        path = root / script.CATALOGUE
        po = polib.pofile(str(path))
        if collected:
            po.append(polib.POEntry(msgid=collected))
        else:
            po.remove(po[0])
        po.save(str(path))

    monkeypatch.setattr(script, "collect", collect)
    before = project.read_bytes()
    with pytest.raises(SystemExit, match=sentence):
        script.check()
    assert project.read_bytes() == before, "a check changes nothing"
