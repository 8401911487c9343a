#!/usr/bin/env python3
"""Makes .venv and installs a file of pinned requirements into it; does nothing when that is already so.

Usage: scripts/environment.py requirements.txt

Needs Python 3.11 or later and nothing else. What is installed is remembered as the hash of the file, so the
second run is done in a moment, and a changed file is installed again.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

LEAST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def stop(sentence):
    sys.exit(f"\n{sentence}\n")


def version_of(python):
    """What the environment's interpreter calls itself; nothing when it is gone or does not start."""
    try:
        answer = subprocess.run([python, "-V"], capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()


def make_environment():
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        stop(
            "This Python cannot make virtual environments. On Debian and Ubuntu: sudo apt install python3-venv"
            f" (or python{sys.version_info.major}.{sys.version_info.minor}-venv). Then run the same command again."
        )
    print("Making the virtual environment .venv ...", flush=True)
    try:
        venv.create(VENV, with_pip=True, clear=VENV.exists(), symlinks=True)
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        stop(f"The virtual environment .venv could not be made: {error}")


def install(requirements, stamp, wanted):
    print(f"Installing {requirements.name} (only when it changed) ...", flush=True)
    # The file names everything that is needed. Left to look for dependencies itself, pip asks for the newest of those
    # with an extra, coverage[toml], finds it without a hash the day after its release, and stops.
    options = ["--require-hashes", "--no-deps", "--no-input", "--disable-pip-version-check", "-qq"]
    command = [PYTHON, "-m", "pip", "install", *options]
    stamp.unlink(missing_ok=True)
    if subprocess.run([*command, "-r", requirements], check=False).returncode:
        stop(
            f"{requirements.name} could not be installed; the reason stands above. A package index must be reachable"
            " from here the first time. Then run the same command again."
        )
    stamp.write_text(wanted)


def main():
    if sys.version_info < LEAST:
        stop(
            f"Python {LEAST[0]}.{LEAST[1]} or later is needed; this is {sys.version.split()[0]}."
            " Name another one so: make PYTHON=python3.12 ..."
        )
    if len(sys.argv) != 2:
        stop("Usage: scripts/environment.py requirements.txt")
    requirements = ROOT / sys.argv[1]
    stamp = VENV / f"installed-{requirements.stem}"
    version = version_of(PYTHON)
    if not version:
        make_environment()
        version = version_of(PYTHON)
    wanted = f"{version} {hashlib.sha256(requirements.read_bytes()).hexdigest()}\n"
    if not stamp.exists() or stamp.read_text() != wanted:
        install(requirements, stamp, wanted)


if __name__ == "__main__":
    main()
