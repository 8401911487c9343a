"""The worker lives beside the server: it is started again when it falls, and is gone when the server is."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parents[2] / "scripts" / "beside.py"
# Says its number, and stays until it is told to go.
COMMAND = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"


def lives(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until(is_so, seconds=15):
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def server():
    """A process that starts the command beside itself and then becomes something else, as scripts/serve does."""
    script = f"{sys.executable} {BESIDE} $$ {sys.executable} -c '{COMMAND}' & exec sleep 600"
    process = subprocess.Popen(["bash", "-c", script], stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks /proc who lives")
def test_it_is_started_again_and_ends_with_the_server_however_that_ends(server):
    first = int(server.stdout.readline())
    os.kill(first, signal.SIGKILL)
    second = int(server.stdout.readline())
    assert second != first and lives(second)
    server.kill()
    server.wait()
    wait_until(lambda: not lives(second))


def test_it_says_how_it_is_called():
    done = subprocess.run([sys.executable, BESIDE, "x"], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "PID COMMAND" in done.stderr
