#!/usr/bin/env python
"""What `make run` does once the environment stands: database, starter data, demo register, accounts, server.

A second run finds everything in place and changes nothing: migrations are applied, the starter data knows what
staff changed, and the demo register is made only where the register is empty.

PORT (8000) and HOST (127.0.0.1) say where to listen; DEMO=0 leaves the register empty.

The server is Django's own: it serves the static files from where they are written and starts again when the code
changes, which is what somebody who runs a checkout wants. `make serve` is the one for many visitors.
"""

import os
import socket
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
    # A process of its own: the server starts itself again when code changes, and must not prepare again each time.
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    os.execv(sys.executable, [sys.executable, "manage.py", "runserver", address])  # noqa: S606 - no shell wanted


if __name__ == "__main__":
    main()
