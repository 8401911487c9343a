#!/usr/bin/env python3
"""Runs a command beside another process: starts it again when it ends, and stops it when that process is gone.

Usage: scripts/beside.py PID COMMAND ...     (PID is the parent's)

So `make run` and `make serve` keep one worker for the long work: started before they hand over to gunicorn, which
keeps their process number, it ends with it, however that ends.
"""

import os
import signal
import subprocess
import sys
import time

LOOK_SECONDS = 1
# The time that the piece of work in hand is given; what is broken off then was one transaction and leaves nothing.
END_SECONDS = 20
AGAIN_SECONDS = 2


def stop(child):
    child.terminate()
    try:
        child.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def keep(parent, command):
    """Run until the parent is gone."""
    while os.getppid() == parent:
        child = subprocess.Popen(command)
        try:
            while child.poll() is None and os.getppid() == parent:
                time.sleep(LOOK_SECONDS)
        finally:
            if child.poll() is None:
                stop(child)
        time.sleep(AGAIN_SECONDS if os.getppid() == parent else 0)


def main():
    if len(sys.argv) < 3 or not sys.argv[1].isdigit():
        sys.exit("Usage: scripts/beside.py PID COMMAND ...")
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: sys.exit(0))
    keep(int(sys.argv[1]), sys.argv[2:])


if __name__ == "__main__":
    main()
