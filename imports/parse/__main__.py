"""Bounds this process, reads the file, and prints what came of it."""

import sys
from pathlib import Path

from files.examine.bounds import answer
from imports.parse import CPU_SECONDS, MEMORY_BYTES, MOST_SPOOLED
from imports.parse.reader import read_into


def main(source, ending, folder):
    answer(
        lambda: read_into(Path(source), ending, Path(folder)),
        memory=MEMORY_BYTES,
        seconds=CPU_SECONDS,
        written=MOST_SPOOLED,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
