"""What lies among the guarded files and belongs to no row: of transactions that rolled back, of processes killed."""

import shutil
from datetime import timedelta

from django.utils import timezone

from files.models import GuardedFile, folder

# An upload that is looked at now has no row yet.
LEFT_ALONE = timedelta(days=1)


def forgotten():
    """The paths that no row names, once they are a day old."""
    if not folder().exists():
        return []
    before = (timezone.now() - LEFT_ALONE).timestamp()
    old = [path for path in sorted(folder().iterdir()) if path.stat().st_mtime < before]
    known = set(GuardedFile.objects.values_list("path", flat=True).iterator())
    return [path for path in old if path.name not in known]


def sweep(paths):
    """Remove what `forgotten` found."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
