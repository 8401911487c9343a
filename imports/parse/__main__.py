"""Bounds this process, reads the file, and prints what came of it."""

import json
import resource
import sys
from pathlib import Path

from imports.parse import CPU_SECONDS, MEMORY_BYTES, MOST_SPOOLED, Unreadable
from imports.parse.reader import read_into


def main(source, ending, folder):
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, MOST_SPOOLED),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    try:
        answer = {"read": read_into(Path(source), ending, Path(folder))}
    except Unreadable as refusal:
        answer = {"refused": refusal.code, "params": refusal.params}
    except MemoryError:
        answer = {"refused": "memory", "params": {}}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
