"""Bounds this process, looks at the file, and prints what came of it."""

import sys
from pathlib import Path

from files.examine import CPU_SECONDS, MEMORY_BYTES, MOST_WRITTEN
from files.examine.bounds import answer
from files.examine.reader import examine


def main(source, kind, target):
    answer(
        lambda: examine(Path(source), kind, Path(target)),
        memory=MEMORY_BYTES,
        seconds=CPU_SECONDS,
        written=MOST_WRITTEN,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
