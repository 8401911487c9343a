"""The data version, and the version that every editable record carries."""

from django.db import connection, models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DataVersion(models.Model):
    """How often what the public sees of one subject has changed, and when it last did.

    Gives ETag, Last-Modified and cache keys. A row for each subject, so that writers of
    different subjects do not queue behind one another. The row "demo" exists only while
    invented data is in.
    """

    key = models.CharField(_("subject"), max_length=30, primary_key=True)
    number = models.BigIntegerField(_("number"), default=1)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)

    class Meta:
        verbose_name = _("data version")
        verbose_name_plural = _("data versions")

    def __str__(self):
        return f"{self.key} {self.number}"

    @classmethod
    def bump(cls, *keys):
        """Say that the public data of these subjects changed. Call it inside the transaction of the change."""
        for key in sorted(keys):
            now = timezone.now()
            if not cls.objects.filter(key=key).update(number=F("number") + 1, changed_at=now):
                _row, created = cls.objects.get_or_create(key=key, defaults={"changed_at": now})
                if not created:
                    cls.objects.filter(key=key).update(number=F("number") + 1, changed_at=now)

    @classmethod
    def demo_is_in(cls):
        """Whether invented data is in: whatever is entered meanwhile counts as invented too, and goes with it."""
        return cls.objects.filter(key="demo").exists()

    @classmethod
    def read(cls, *keys):
        """`{key: (number, changed_at)}` of the subjects named that have ever changed, in one query."""
        rows = cls.objects.filter(key__in=keys).values_list("key", "number", "changed_at")
        return {key: (number, changed_at) for key, number, changed_at in rows}


class StepRefused(Exception):
    """A change of state that the rules do not allow. `str()` is the sentence for the person who tried."""

    @property
    def sentences(self):
        """What a form shows, a line each."""
        return [str(self)]


class ChangedMeanwhile(Exception):
    """Somebody else saved the record after it was read; nothing was written.

    `record` is the record as it stands now.
    """

    def __init__(self, record):
        super().__init__(f"{record._meta.label} {record.pk} changed meanwhile")
        self.record = record


class Versioned(models.Model):
    """A record that two people may edit: its version is carried in the form and compared when it is saved."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        abstract = True

    def claim(self, version):
        """Take the next version for a change that began at `version`, or raise ChangedMeanwhile.

        The conditional update is the lock: it holds on SQLite too, where select_for_update does nothing.
        Call it first in the transaction of the change, then save the other fields.
        """
        # bare update: the version alone; the save that follows writes the history.
        claimed = type(self)._base_manager.filter(pk=self.pk, version=version).update(version=F("version") + 1)
        if not claimed:
            raise ChangedMeanwhile(type(self)._base_manager.get(pk=self.pk))
        self.version = version + 1


def tell_planner(models):
    """Let PostgreSQL look at tables that this transaction filled; SQLite needs no telling.

    The server looks by itself only after the commit. Until then a table that was empty counts as nearly so, and a
    question that joins it may read all of it once for each row.
    """
    if connection.vendor != "postgresql":
        return
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in models)
    with connection.cursor() as cursor:
        # A tenth of the usual sample, which takes a moment: the server takes the whole one afterwards.
        cursor.execute("SET LOCAL default_statistics_target = 10")
        # Waiting for the lock of another, who may wait for our records, would be a circle.
        cursor.execute(f"ANALYZE (SKIP_LOCKED) {tables}")


def pointing_at(model):
    """The foreign keys of other tables to a model, hidden ones too; not those of history, which tells what was."""
    return [
        relation.field
        for relation in model._meta.get_fields(include_hidden=True)
        if (relation.one_to_many or relation.one_to_one)
        and relation.auto_created
        and not hasattr(relation.related_model, "instance_type")
    ]


def pointed_at(model, keys, *, besides=()):
    """Those of the keys whose record something points at, the models `besides` left out: one query for each table."""
    found = set()
    for field in pointing_at(model):
        if field.model not in besides:
            rows = field.model._base_manager.filter(**{f"{field.name}__in": keys})
            found.update(rows.order_by().values_list(field.attname, flat=True).distinct())
    return found
