#!/usr/bin/env python
"""What `make run` does once the environment stands: database, starter data, demo register, accounts, server.

A second run finds everything in place and changes nothing: migrations are applied, the starter data knows what
staff changed, and the demo register is made only where the register is empty.

PORT (8000) and HOST (127.0.0.1) say where to listen; DEMO=0 leaves the register empty.

The server is gunicorn, which starts again when code or a template changes. Django's own runserver does that too, but
on the same machine it gave 86 small pages and 91 static files a second where this one gives 288 and 1,355: the
difference between a page that is there and one that builds up. WhiteNoise serves the static files from where they are
written. `make serve` is the one for production. Long work (imports) is done by a worker beside it.
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMO_COOPERATIVES = 6111  # as many as the province counted at the end of 2012


def is_taken(host, port):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def prepare(*, demo):
    import django

    django.setup()
    from django.core.management import call_command

    from cooperatives.models import Cooperative

    call_command("migrate", verbosity=0)
    call_command("load_starter")
    if demo and not Cooperative.objects.exists():
        print(f"Making a demo register of {DEMO_COOPERATIVES} simulated cooperatives ...", flush=True)
        begun = time.monotonic()
        call_command("make_demo", cooperatives=DEMO_COOPERATIVES)
        print(f"... made in {time.monotonic() - begun:.0f} s.", flush=True)
    call_command("demo_accounts")


def main():
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kaltim_koperasi.settings")
    host = os.environ.get("HOST", "127.0.0.1")
    port = os.environ.get("PORT", "8000")
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        sys.exit(f"PORT={port!r} must be a whole number from 1 to 65535.")
    demo = os.environ.get("DEMO", "1")
    if demo not in {"0", "1"}:
        sys.exit(f"DEMO={demo!r} must be 0 (an empty register) or 1 (a simulated one).")
    if is_taken(host, int(port)):
        sys.exit(f"Something already listens on port {port} (or {host} is not this machine). Try: make run PORT=8001")
    prepare(demo=demo == "1")
    print(f"\nThe portal is at http://{host}:{port}/ and stops with Ctrl+C.\n", flush=True)
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    server = [sys.executable, "-m", "gunicorn", "kaltim_koperasi.wsgi:application", "--bind", address]
    server += ["--worker-class", "gthread", "--workers", "1", "--threads", "4", "--no-control-socket", "--reload"]
    server += [f"--reload-extra-file={path}" for path in sorted((ROOT / "templates").rglob("*.html"))]
    server += [
        "--log-level",
        "warning",
        "--access-logfile",
        "-",
        "--access-logformat",
        "%(t)s %(s)s %(m)s %(U)s %(L)s s",
    ]
    # The worker for long work. The server takes over this very process, so it ends with the server.
    worker = [sys.executable, "manage.py", "db_worker"]
    subprocess.Popen([sys.executable, "scripts/beside.py", str(os.getpid()), *worker])
    os.execv(sys.executable, server)  # noqa: S606 - no shell wanted


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nStopped. What was half made was taken back; the next run makes it.")
