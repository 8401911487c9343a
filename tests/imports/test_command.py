"""manage.py import_file: the same check, apply and undo as the pages, from the shell."""

import io

import pytest
from django.core.management import CommandError, call_command

from figures.models import Source
from imports.management.commands.import_file import REFUSED_ROWS, Bar
from imports.models import ImportBatch
from tests.factories import make_regency, make_user
from tests.imports.sources import KIND

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sources")]
HEAD = "Kunci;Judul;Penerbit;Tgl"
State = ImportBatch.State


@pytest.fixture
def clerk():
    return make_user("staf_provinsi", "sari")


@pytest.fixture
def run(clerk, tmp_path, capsys):
    """run(["a;Satu;Dinas;"], "--apply") gives what the command says on its outputs."""

    def call(lines, *options, head=HEAD, user="sari"):
        given = []
        if lines is not None:
            path = tmp_path / "berkas.csv"
            path.write_text("\n".join([head, *lines]), encoding="utf-8")
            given = [KIND, str(path)]
        out, err = io.StringIO(), io.StringIO()
        call_command("import_file", *given, "--user", user, *options, stdout=out, stderr=err)
        return out.getvalue() + err.getvalue() + capsys.readouterr().err

    return call


def test_a_check_writes_nothing_and_stands_on_the_pages(run, clerk):
    said = run(["a;Satu;Dinas;"])
    batch = ImportBatch.objects.get()
    assert (batch.state, batch.by, batch.name) == (State.CHECKED, clerk, "berkas.csv")
    assert "new        1" in said and "100 %" in said
    assert not Source.objects.exists()


def test_apply_writes_and_undo_takes_back(run):
    assert "applied" in run(["a;Satu;Dinas;", "b;Dua;Dinas;"], "--apply")
    batch = ImportBatch.objects.get()
    assert Source.objects.count() == 2
    run(None, "--batch", str(batch.pk), "--undo", "salah berkas")
    batch.refresh_from_db()
    assert (batch.state, batch.undo_reason, Source.objects.count()) == (State.UNDONE, "salah berkas", 0)


def test_an_import_that_the_pages_began_is_gone_on_with(run):
    run(["a;Satu;Dinas;"])
    run(None, "--batch", str(ImportBatch.objects.get().pk), "--apply")
    assert Source.objects.count() == 1 and ImportBatch.objects.count() == 1


def test_refused_rows_keep_all_others_out_unless_only_the_good_are_wanted(run):
    lines = ["a;Satu;Dinas;", "b;Dua;Dinas;31/02/2024"]
    with pytest.raises(SystemExit) as ended:
        run(lines, "--apply")
    assert ended.value.code == REFUSED_ROWS and not Source.objects.exists()
    run(lines, "--apply", "--only-good")
    assert Source.objects.count() == 1


def test_the_same_file_again_says_that_it_was_applied(run):
    run(["a;Satu;Dinas;"], "--apply")
    assert "applied already" in run(["a;Satu;Dinas;"])


def test_columns_and_values_can_be_said(run):
    with pytest.raises(CommandError, match="Warna"):
        run(["a;Satu;biru"], head="Kunci;Judul;Warna")
    run(["a;Satu;biru"], "--column", "Warna=-", "--set", "publisher=Dinas", "--apply", head="Kunci;Judul;Warna")
    assert Source.objects.get().publisher == "Dinas"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--column", "Bentuk=key"], "no column"),
        (["--column", "Judul=warna"], "no field"),
        (["--column", "Judul"], "HEADING=FIELD"),
        (["--set", "key=a"], "every row"),
        (["--set", f"publisher={'x' * 121}"], "publisher"),
        (["--set", "publisher"], "FIELD=VALUE"),
        (["--user", "tidak-ada"], "no active account"),
        (["--user", ""], "--user"),
        (["--batch", "9999"], "no import"),
    ],
)
def test_what_is_not_understood_is_said_in_a_sentence(run, options, words):
    with pytest.raises(CommandError, match=words):
        run(["a;Satu;Dinas;"], *options)
    assert not Source.objects.exists()


def test_a_file_that_cannot_be_read_is_refused_with_the_reason(run, clerk, tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_file", KIND, str(tmp_path / "tidak-ada.csv"), user="sari")
    broken = tmp_path / "rusak.xlsx"
    broken.write_bytes(b"PK\x03\x04 bukan buku kerja")
    with pytest.raises(CommandError) as refused:
        call_command("import_file", KIND, str(broken), user="sari")
    batch = ImportBatch.objects.get()
    assert (batch.state, batch.failure) == (State.UNREADABLE, str(refused.value))


def test_kind_and_file_are_needed_and_the_kind_is_a_known_one(clerk):
    with pytest.raises(CommandError, match="KIND FILE"):
        call_command("import_file", user="sari")
    with pytest.raises(CommandError, match=KIND):
        call_command("import_file", "tidak-ada", "x.csv", user="sari")


def test_it_does_nothing_for_whoever_may_not(run):
    make_user("auditor", "tamu")
    with pytest.raises(CommandError, match="may not"):
        run(["a;Satu;Dinas;"], user="tamu")
    assert not ImportBatch.objects.exists()


def test_an_officer_reaches_no_import_of_another_regency(run, monkeypatch):
    monkeypatch.setattr("tests.imports.sources.SourceImporter.permission", "cooperatives.fill_rat_grid")
    run(["a;Satu;Dinas;"])
    make_user("petugas", "lina", regency=make_regency("Paser"))
    with pytest.raises(CommandError, match="no import"):
        run(None, "--batch", str(ImportBatch.objects.get().pk), "--apply", user="lina")


class TestBar:
    def test_moves_on_one_line_of_a_terminal(self):
        screen = io.StringIO()
        screen.isatty = lambda: True
        bar = Bar(screen, "check")
        for done in range(0, 1001, 10):
            bar(done, 1000)
        assert screen.getvalue().count("\n") == 1 and screen.getvalue().count("\r") == 101

    def test_is_a_line_for_each_tenth_elsewhere(self):
        log = io.StringIO()
        bar = Bar(log, "check")
        for done in range(1001):
            bar(done, 1000)
        assert log.getvalue().count("\n") == 11

    def test_stands_at_its_end_for_an_empty_file(self):
        log = io.StringIO()
        Bar(log, "check")(0, 0)
        assert "100 %" in log.getvalue()
