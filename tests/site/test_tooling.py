"""The project's own tools: what they promise about the code holds, and they bite."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
READERS = {"text", "secret", "flag", "integer", "words", "origin", "database", "cache", "email"}
# Read by scripts before there is a Python environment to read them with.
READ_BY_SCRIPTS = {"HOST", "PORT"}


def _apps():
    return sorted(path.parent.name for path in ROOT.glob("*/apps.py"))


def _variables_read():
    """Every NAME in env.text("NAME"), env.flag("NAME"), ... of the project's own code."""
    names = set()
    for app in _apps():
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in READERS
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id == "env"
                ):
                    names.add(node.args[0].value)
    return names


def _variables_documented():
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", text, re.MULTILINE)


def test_env_example_lists_every_variable_once_and_no_other():
    documented = _variables_documented()
    assert len(documented) == len(set(documented))
    assert set(documented) == _variables_read() | READ_BY_SCRIPTS


def test_only_env_reads_the_environment():
    reading = [
        str(path.relative_to(ROOT))
        for app in _apps()
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"\b(os\.environ|getenv)\b", path.read_text(encoding="utf-8"))
    ]
    # asgi.py and wsgi.py name the settings module, as Django's own template does.
    assert set(reading) - {"kaltim_koperasi/asgi.py", "kaltim_koperasi/wsgi.py"} == {"kaltim_koperasi/env.py"}


def test_every_app_stands_on_a_floor_and_is_measured():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    linter = project["tool"]["importlinter"]
    floors = set(re.findall(r"\w+", " ".join(linter["contracts"][0]["layers"])))
    assert set(linter["root_packages"]) == set(_apps())
    assert set(_apps()) <= floors
    assert project["tool"]["coverage"]["run"]["source"] == _apps()


def _pins(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {line.split(" ")[0] for line in lines if re.match(r"[a-z0-9]", line)}


def test_tests_run_on_the_versions_that_production_runs_on():
    assert _pins("requirements.txt") <= _pins("requirements-dev.txt")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_its_hash_and_no_file_names_an_index(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    for block in re.split(r"\n(?=[a-z0-9])", text)[1:]:
        assert "==" in block
        assert "--hash=sha256:" in block
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)


@pytest.mark.parametrize("path", sorted((ROOT / "scripts").iterdir()), ids=lambda path: path.name)
def test_a_script_says_what_runs_it(path):
    if path.is_file():
        assert path.read_text(encoding="utf-8").startswith("#!")
        assert path.stat().st_mode & 0o111


def _house_rules(folder):
    command = [sys.executable, str(ROOT / "scripts" / "house_rules.py"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


class TestHouseRules:
    @pytest.mark.parametrize(
        ("name", "source", "finding"),
        [
            ("app/utils.py", "", "rule 1"),
            ("app/services/aid.py", "", "rule 1"),
            ("app/forms.py", "class F:\n    class Meta:\n        fields = '__all__'\n", "forms.py:3: list the fields"),
            ("app/forms.py", "class F:\n    class Meta:\n        exclude = ['a']\n", "forms.py:3: list the fields"),
            ("app/models.py", "queryset.filter(a=1).update(b=2)\n", "models.py:1: update()"),
            ("app/models.py", "Coop.objects.update(b=2)\nclass Coop:\n    h = HistoricalRecords()\n", ":1: update()"),
            (
                "app/models.py",
                "Coop.objects.bulk_update(rows, ['a'])\nclass Coop:\n    h = HistoricalRecords()\n",
                "rule 3",
            ),
            ("templates/a.html", '<p style="color: red">', "an inline style (rule 4)"),
            ("templates/a.html", "<button onclick=x()>", "an event handler"),
            ("templates/a.html", "<script>1</script>", "an inline script"),
            ("app/views.py", "day = date.today()\n", "date.today() asks the machine"),
        ],
    )
    def test_they_bite(self, tmp_path, name, source, finding):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(source)
        done = _house_rules(tmp_path)
        assert done.returncode == 1
        assert finding in done.stdout

    @pytest.mark.parametrize(
        ("name", "source"),
        [
            ("app/forms.py", "class F:\n    class Meta:\n        fields = ['a']\n"),
            ("app/models.py", "# bare update: the history row is written below\nqueryset.update(b=2)\n"),
            ("app/models.py", "seen.update(other)\n"),
            ("app/models.py", "class Plain:\n    @classmethod\n    def go(cls):\n        cls.objects.update(b=2)\n"),
            ("templates/a.html", '<script src="/static/a.js"></script><script type="application/json">{}</script>'),
            ("tests/helpers_of_mine.py", "date.today()\n"),
        ],
    )
    def test_they_leave_alone_what_is_right(self, tmp_path, name, source):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(source)
        done = _house_rules(tmp_path)
        assert done.returncode == 0, done.stdout


def test_every_command_that_a_document_names_exists():
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    named = {
        name for path in documents for name in re.findall(r"manage\.py ([a-z]\w+)", path.read_text(encoding="utf-8"))
    }
    assert named >= {"migrate", "load_starter", "refresh_register"}
    assert named <= set(get_commands())


def test_the_page_on_operation_has_a_timer_and_a_line_of_cron_for_the_night():
    lines = (ROOT / "docs/operation.md").read_text(encoding="utf-8").splitlines()
    for command in ("refresh_register", "open_periods", "remind_reports", "remind_aid", "remind_meetings"):
        calls = [line.strip() for line in lines if f"manage.py {command}" in line and line.startswith("    ")]
        assert [call.partition("=")[0][:10].strip() for call in calls if "--" not in call] == [
            "ExecStart",
            "15 0 * * *",
        ], command
    # The office's midnight, whatever clock the server keeps.
    assert any(re.fullmatch(r"\s+OnCalendar=\S+ 00:15:00 Asia/Makassar", line) for line in lines)
