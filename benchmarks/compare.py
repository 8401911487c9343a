"""Runs benchmarks.measure for every engine and size and writes the tables of benchmarks/README.md."""

import argparse
import json
import os
import platform
import secrets
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

HERE = Path(__file__).resolve().parent
MARKS = "<!-- {} -->", "<!-- /{} -->"


# An import of the largest register is no work of any office.
LARGEST_IMPORT = 300_000


def environment(engine, size):
    """Production's settings, on a database of this engine and size."""
    given = os.environ.get("DATABASE_URL", "")
    if engine == "sqlite":
        url = f"sqlite:///var/bench/{size}.sqlite3"
    else:
        name = f"kk_bench_{size}"
        parts = urlsplit(given)
        url = urlunsplit(parts._replace(path=f"/{name}"))
        create_database(given, name)
    return {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "localhost",
        "SSL_REDIRECT": "0",
        "MFA_REQUIRED": "0",
        "API_REQUESTS_PER_MINUTE": "1000000",
        "MEDIA_ROOT": str(HERE.parent / "var" / "bench" / "media"),
    }


def create_database(url, name):
    import psycopg2

    from kaltim_koperasi import env

    database = env.database("DATABASE_URL", base=HERE.parent)
    link = psycopg2.connect(
        dbname=database["NAME"], user=database["USER"], host=database["HOST"] or None, port=database["PORT"] or None
    )
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not cursor.fetchone():
            cursor.execute(f'CREATE DATABASE "{name}"')
    link.close()


def measure(engine, size):
    """What the pages of a register of this size take, and what importing that register takes."""
    report = run("benchmarks.measure", engine, size, size)
    if size <= LARGEST_IMPORT:
        report["import"] = run("benchmarks.imports", engine, f"import_{size}", size)
    return report


def run(module, engine, name, size):
    print(f"{engine}, {module}, {size} …", file=sys.stderr, flush=True)
    done = subprocess.run(
        [sys.executable, "-m", module, str(size)],
        env=environment(engine, name),
        cwd=HERE.parent,
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def thousands(number):
    return f"{number:,}".replace(",", ".")


def decimal(number, digits=1):
    return f"{number:.{digits}f}".replace(".", ",")


def machine():
    """When and on what the figures below were measured."""
    return (
        f"Measured on {datetime.now(UTC):%d %B %Y}: {os.cpu_count()} cores, Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}, gunicorn with 2 workers of 4 threads, 4 clients at once."
        " Milliseconds unless it says otherwise."
    )


def tables(reports):
    """What the register's reports say, as Markdown."""
    lines = [machine(), *seen_before(reports), *never_seen(reports)]
    lines += growth(reports)
    lines += imports(reports)
    lines += [
        "",
        "### Exports",
        "",
        "| Engine | Rows | File | first byte | s | raw, s | times raw | MB | worker's memory, MiB |",
        "|---|---:|---|---:|---:|---:|---:|---:|---|",
    ]
    for report in reports:
        if "csv" not in report:
            continue
        found = report["csv"]
        lines.append(
            f"| {report['engine']} | {thousands(report['size'])} | CSV | {decimal(found['first byte'])} |"
            f" {decimal(found['seconds'], 2)} | {decimal(found['raw'], 2)} |"
            f" {decimal(found['seconds'] / found['raw'])} |"
            f" {decimal(found['bytes'] / 1e6)} | {decimal(found['memory before'], 0)} → {decimal(found['memory'], 0)} |"
        )
        found = report["xlsx"]
        lines.append(
            f"| {report['engine']} | {thousands(report['size'])} | XLSX | {decimal(found['first byte'])} |"
            f" {decimal(found['seconds'], 2)} | | | {decimal(found['bytes'] / 1e6)} | → {decimal(found['memory'], 0)} |"
        )
    return "\n".join(lines)


def seen_before(reports):
    lines = [
        "",
        "### A page seen before, beside a bare view with as many bytes",
        "",
        "| Engine | Rows | Page | KB | requests/s | p50 | p95 | bare p50 | times bare |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|",
    ]
    for report in reports:
        start = f"| {report['engine']} | {thousands(report['size'])} |"
        for name, found in report["seen"].items():
            page, bare = found["page"], found["bare"]
            lines.append(
                f"{start} {name} | {decimal(found['bytes'] / 1024)} |"
                f" {decimal(page['rps'], 0)} | {decimal(page['p50'])} | {decimal(page['p95'])} |"
                f" {decimal(bare['p50'])} | {decimal(page['p50'] / bare['p50'])} |"
            )
        if "changelist" in report:
            page = report["changelist"]
            lines.append(
                f"{start} admin changelist | | {decimal(page['rps'], 0)} |"
                f" {decimal(page['p50'])} | {decimal(page['p95'])} | | |"
            )
    return lines


def never_seen(reports):
    lines = [
        "",
        "### A page never seen before, beside its own SQL run raw",
        "",
        "The limit is 1,5 times the SQL plus 50 ms.",
        "",
        "| Engine | Rows | Page | queries | p50 | p95 | SQL p50 | limit | within |",
        "|---|---:|---|---:|---:|---:|---:|---:|---|",
    ]
    for report in reports:
        for name, found in report["never seen"].items():
            page, sql = found["page"], found["sql"]
            limit = 1.5 * sql["p50"] + 50
            lines.append(
                f"| {report['engine']} | {thousands(report['size'])} | {name} | {found['queries']} |"
                f" {decimal(page['p50'])} | {decimal(page['p95'])} | {decimal(sql['p50'])} | {decimal(limit)} |"
                f" {'yes' if page['p50'] <= limit else '**no**'} |"
            )
    return lines


def aid(reports):
    """What the reports of aid say, as Markdown."""
    lines = [machine(), *seen_before(reports), *never_seen(reports)]
    lines += [
        "",
        "### Exports of aid",
        "",
        "| Engine | Rows | CSV | first byte | s | raw, s | times raw | MB | worker's memory, MiB |",
        "|---|---:|---|---:|---:|---:|---:|---:|---|",
    ]
    for report in reports:
        for name, found in report["csv"].items():
            lines.append(
                f"| {report['engine']} | {thousands(found['rows'])} | {name} | {decimal(found['first byte'])} |"
                f" {decimal(found['seconds'], 2)} | {decimal(found['raw'], 2)} |"
                f" {decimal(found['seconds'] / found['raw'])} | {decimal(found['bytes'] / 1e6)} |"
                f" {decimal(found['memory before'], 0)} → {decimal(found['memory'], 0)} |"
            )
    return "\n".join(lines)


def imports(reports):
    """An import of the register beside its reference, and what a row costs."""
    lines = [
        "",
        "### Imports",
        "",
        "An XLSX of 25 columns. The reference reads it with calamine and writes the same rows, their history and their"
        " import rows in one transaction, without looking at any of them; at most 3 times that is aimed at for the dry"
        " run (reading and checking) and for applying each. Silent is the longest time without a step of the progress"
        " while rows are checked, written or taken back, the commit included.",
        "",
        "| Engine | Rows | MB | reference, s | dry run, s | times | apply, s | times | ms a row, dry run | apply |"
        " the same file again, s | take back, s | writers waited at most, s | silent, s | worker, MiB | reader, MiB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for found in (report["import"] for report in reports if "import" in report):
        rows, reference = found["rows"], found["reference"]
        dry, written = found["read"]["s"] + found["check"]["s"], found["apply"]["s"]
        silent = max(found[step]["silent"] for step in ("check", "apply", "undo"))
        cells = [
            found["engine"],
            thousands(rows),
            decimal(found["file_mb"]),
            decimal(reference["all"]) if reference else "",
            decimal(dry),
            decimal(dry / reference["all"], 2) if reference else "",
            decimal(written),
            decimal(written / reference["all"], 2) if reference else "",
            decimal(dry / rows * 1000, 3),
            decimal(written / rows * 1000, 3),
            decimal(found["check_unchanged"]["s"]),
            decimal(found["undo"]["s"]),
            decimal(found["lock_ms"] / 1000),
            decimal(silent, 2),
            decimal(found["memory_mib"]["worker"], 0),
            decimal(found["memory_mib"]["reader"], 0),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def growth(reports):
    """How much slower pages by key become from the smallest to the largest register; at most 1,3 times is aimed at."""
    lines = [
        "",
        "### Growth of the pages by key, never seen before",
        "",
        "| Engine | Page | p50 at the smallest | p50 at the largest | times |",
        "|---|---|---:|---:|---:|",
    ]
    for engine in dict.fromkeys(report["engine"] for report in reports):
        own = sorted((report for report in reports if report["engine"] == engine), key=lambda report: report["size"])
        for name in ("detail", "API page by key"):
            first, last = (report["never seen"][name]["page"]["p50"] for report in (own[0], own[-1]))
            sizes = f"{thousands(own[0]['size'])} → {thousands(own[-1]['size'])}"
            lines.append(
                f"| {engine} | {name}, {sizes} | {decimal(first)} | {decimal(last)} | {decimal(last / first, 2)} |"
            )
    return lines


def write(name, text):
    """Put measured text between its marks in the README."""
    path = HERE / "README.md"
    start, end = (mark.format(name) for mark in MARKS)
    before, _, rest = path.read_text().partition(start)
    _, _, after = rest.partition(end)
    path.write_text(f"{before}{start}\n{text}\n{end}{after}")
    print(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="6111,220000,2000000", help="of the register; empty leaves it out")
    parser.add_argument("--engines", default="sqlite,postgresql")
    parser.add_argument("--without-aid", action="store_true")
    options = parser.parse_args()
    engines = options.engines.split(",")
    (HERE.parent / "var" / "bench").mkdir(parents=True, exist_ok=True)
    if sizes := [int(size) for size in options.sizes.split(",") if size]:
        write("measured", tables([measure(engine, size) for engine in engines for size in sizes]))
    if not options.without_aid:
        write("aid", aid([run("benchmarks.aid", engine, "aid", 0) for engine in engines]))


if __name__ == "__main__":
    main()
