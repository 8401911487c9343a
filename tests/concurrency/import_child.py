"""A process that applies one import, to be killed: `python -m tests.concurrency.import_child BATCH USER [careless]`.

Works on DATABASE_URL. Says "begun" on its way in and "done" at the end. With `careless` it writes without the
transaction that holds all of it together: the control that shows that the test would notice.
"""

import sys
from contextlib import nullcontext

import django

django.setup()

from accounts.models import User  # noqa: E402
from imports import applying  # noqa: E402
from imports.importer import Importer  # noqa: E402
from imports.models import ImportBatch  # noqa: E402


class Careless:
    """Stands for django.db.transaction where nothing is held together."""

    atomic = staticmethod(lambda *args, **kwargs: nullcontext())


if __name__ == "__main__":
    batch, user, *how = sys.argv[1:]
    applying.CHUNK = 50
    if how == ["careless"]:
        applying.transaction = Careless
        # Outside a transaction there is nothing that could be locked.
        Importer.lock = lambda importer, rows: None
    print("begun", flush=True)  # noqa: T201 - the parent waits for it
    applying.apply(ImportBatch.objects.get(pk=batch), by=User.objects.get(pk=user))
    print("done", flush=True)  # noqa: T201 - the parent waits for it
