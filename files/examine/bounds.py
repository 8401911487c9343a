"""The reader's side of its own process: it takes its limits, works, and prints what came of it."""

import json
import resource
import sys

from files.examine import Unreadable


def answer(work, *, memory, seconds, written):
    """Bound this process, then print what `work()` gives as JSON, or the rule that the file breaks.

    `memory` and `written` (the largest file it may write) are bytes, `seconds` those of the processor.
    """
    for limit, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, written),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    try:
        said = {"read": work()}
    except Unreadable as refusal:
        said = {"refused": refusal.code, "params": refusal.params}
    except MemoryError:
        said = {"refused": "memory", "params": {}}
    sys.stdout.write(json.dumps(said))
