"""A hostile file is read in a process of its own: here it is started, waited for and ended.

The process sees nothing of the portal: neither its environment with the secrets nor its open files. Its limits of
memory and processor time it sets itself (files.examine.bounds); the time on the clock is watched from here.
"""

import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
LONGEST_LOG = 2000


def ask(command, *, seconds):
    """What `python COMMAND` prints: `{"read": …}` or `{"refused": code, "params": {…}}`.

    A process that does not come to its end is a refusal too, by the limit that it met: `time`, `memory`, `unpacked`
    (it wrote too much), or else `damaged`.
    """
    process = subprocess.Popen(
        [sys.executable, "-E", "-s", "-B", "-X", "utf8", *command],
        cwd=ROOT,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        umask=0o077,
    )
    with process:
        try:
            said, complaint = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return _refused("time")
        finally:
            # Whatever ends this, a reader that still works is of no use to anybody.
            process.kill()
    if process.returncode == 0:
        return json.loads(said)
    words = complaint.decode("utf-8", "replace")
    logger.warning("The reader of a file ended with %s: %s", process.returncode, words[-LONGEST_LOG:])
    return _refused(_cause(process.returncode, words))


def _refused(code):
    return {"refused": code, "params": {}}


def _cause(code, complaint):
    """Which limit ended the reader; a file that brings it down otherwise is damaged."""
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        return "time"
    if "memory allocation" in complaint or "MemoryError" in complaint:
        return "memory"
    return "unpacked" if "File too large" in complaint else "damaged"
