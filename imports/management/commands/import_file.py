"""manage.py import_file: check a file, and apply it, from the shell; the same work as the pages, without the queue."""

import sys
from argparse import RawDescriptionHelpFormatter
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from common.refusal import Refused
from common.text import fold
from imports import progress, reading, tasks
from imports.headings import LEFT_OUT
from imports.importer import _importers, importer_of
from imports.models import ImportBatch, ImportRow
from imports.receiving import receive

DONE, FAILED, REFUSED_ROWS = 0, 1, 3
BAR = 30
Action, State = ImportRow.Action, ImportBatch.State


class Bar:
    """A bar on the terminal; a line for each tenth where there is none."""

    def __init__(self, stream, label):
        self.stream, self.label, self.shown = stream, label, -1
        self.is_terminal = getattr(stream, "isatty", lambda: False)()

    def __call__(self, done, total):
        percent = min(100, done * 100 // total) if total else 100
        if percent == self.shown or not (self.is_terminal or percent // 10 > self.shown // 10):
            return
        self.shown = percent
        full = percent * BAR // 100
        line = f"{self.label:6} [{'#' * full}{'.' * (BAR - full)}] {percent:3} %"
        self.stream.write(f"\r{line}{'' if percent < 100 else chr(10)}" if self.is_terminal else f"{line}\n")
        self.stream.flush()


class Command(BaseCommand):
    help = """Reads and checks a file of the kind KIND; with --apply it is written too.

Without --apply nothing is written but the result of the check, which stands under /kerja/impor/ afterwards.

Exit code: 0 when every row is good (and written, with --apply; the good ones, with --only-good),
1 when the file or a step was refused, 2 when the command line was not understood,
3 when rows are refused, so that nothing was written."""

    def create_parser(self, *args, **options):
        return super().create_parser(*args, formatter_class=RawDescriptionHelpFormatter, **options)

    def add_arguments(self, parser):
        parser.add_argument("kind", nargs="?", metavar="KIND", help=f"One of: {', '.join(sorted(_importers))}.")
        parser.add_argument("file", nargs="?", metavar="FILE", type=Path)
        parser.add_argument("--batch", type=int, metavar="NUMBER", help="Go on with this import instead of a new file.")
        parser.add_argument("--user", metavar="USERNAME", help="On whose account it is done. Needed.")
        parser.add_argument("--apply", action="store_true", help="Write the new and changed rows, all or none.")
        parser.add_argument("--only-good", action="store_true", help="With --apply: leave the refused rows out.")
        parser.add_argument("--undo", metavar="REASON", help="With --batch: take the import back, for this reason.")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="FIELD=VALUE",
            help="A value for every row, such as book_year=2024.",
        )
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="HEADING=FIELD",
            help="What a column fills; HEADING=- leaves it out.",
        )

    def handle(self, *, kind, file, batch, user, apply, only_good, undo, **options):
        by = self._person(user)
        batch = self._known(batch, by) if batch else self._new(kind, file, by)
        if undo is not None:
            self._do(progress.UNDO, batch, by, reason=undo)
            self.stdout.write(f"Import {batch.pk} was taken back.")
            return
        if batch.state == State.RECEIVED:
            self._do(progress.READ, batch, by)
        self._place(batch, by, options["column"], options["set"])
        if batch.state == State.READ:
            self._do(progress.CHECK, batch, by)
        refused = self._report(batch)
        if apply and (only_good or not refused):
            self._do(progress.APPLY, batch, by, only_good=only_good)
            self.stdout.write(f"Import {batch.pk} was applied.")
        elif refused:
            self.stderr.write(f"{refused} rows are refused; nothing was written. Page: {batch.get_absolute_url()}")
            sys.exit(REFUSED_ROWS)

    def _person(self, username):
        if not username:
            raise CommandError("Say on whose account: --user USERNAME.")
        person = User.objects.active().filter(username=username.lower()).first()
        if person is None:
            raise CommandError(f"There is no active account {username!r}.")
        return person

    def _may(self, by, importer):
        if not by.has_perm(importer.permission):
            raise CommandError(f"{by.username} may not import this kind of file.")

    def _known(self, pk, by):
        batch = ImportBatch.objects.visible_to(by).filter(pk=pk).first()
        if batch is None:
            raise CommandError(f"There is no import {pk} for {by.username}.")
        self._may(by, batch.importer)
        if not batch.is_worked_on_by(by):
            raise CommandError(f"Import {pk} belongs to the officers of {batch.regency}.")
        return batch

    def _new(self, kind, path, by):
        if not kind or not path:
            raise CommandError("Name the kind and the file: import_file KIND FILE.")
        try:
            importer = importer_of(kind)
        except KeyError:
            raise CommandError(f"There is no kind {kind!r}. Known: {', '.join(sorted(_importers))}.") from None
        self._may(by, importer)
        try:
            with path.open("rb") as opened:
                batch = receive(File(opened, name=path.name), kind=kind, by=by)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
        except reading.FileRefused as refused:
            raise CommandError(str(refused)) from None
        if same := ImportBatch.objects.of_same_file(batch).select_related("applied_by").first():
            self.stderr.write(f"This very file was applied already: import {same.pk}, by {same.applied_by}.")
        return batch

    def _do(self, step, batch, by, **options):
        bar = Bar(sys.stderr, step)
        if not tasks.do(step, batch, by=by, tell=bar, **options):
            raise CommandError(batch.failure)
        # Titles and headings are rows of the file too, and are no work.
        bar(1, 1)

    def _place(self, batch, by, columns, values):
        """Take what the command line says about columns and values over what was guessed."""
        if not columns and not values:
            return
        importer = batch.importer(by)
        importer.prepare()
        meant = [*batch.columns]
        keys = [fold(heading) for heading in batch.headings]
        for heading, name in _pairs(columns, "--column", "HEADING=FIELD"):
            if fold(heading) not in keys:
                raise CommandError(
                    f"There is no column {heading!r}. Columns: {', '.join(filter(None, batch.headings))}."
                )
            if name != LEFT_OUT:
                self._field(importer, name)
                meant = [LEFT_OUT if one == name else one for one in meant]
            meant[keys.index(fold(heading))] = name
        constants = {**batch.constants}
        for name, value in _pairs(values, "--set", "FIELD=VALUE"):
            field = self._field(importer, name)
            if not field.once:
                raise CommandError(f"{name} cannot be the same for every row.")
            try:
                field.parse(value)
            except (Refused, ValidationError) as refused:
                raise CommandError(f"--set {name}: {refused}") from None
            constants[name] = value
        try:
            batch.step(State.READ, columns=meant, constants=constants)
        except Refused as refused:
            raise CommandError(str(refused)) from None

    def _field(self, importer, name):
        if name not in importer.by_name:
            raise CommandError(f"There is no field {name!r}. Fields: {', '.join(importer.by_name)}.")
        return importer.by_name[name]

    def _report(self, batch):
        """Say what the check found; returns the number of refused rows."""
        counts = batch.summary.get("counts", {})
        for action in Action:
            self.stdout.write(f"{action.value:10} {counts.get(action, 0)}")
        for column, rows in batch.summary.get("problems", []):
            self.stdout.write(f"  {rows} rows: {column or 'the row as a whole'}")
        return counts.get(Action.REFUSED, 0)


def _pairs(given, option, shape):
    for text in given:
        name, sign, value = text.rpartition("=") if option == "--column" else text.partition("=")
        if not sign:
            raise CommandError(f"Write {option} {shape}.")
        yield name.strip(), value.strip()
