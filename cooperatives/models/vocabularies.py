"""The register's vocabularies: tables that the office edits, each row with the spellings that others use for it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.models import Versioned
from common.text import fold, validate_clean


class VocabularyQuerySet(models.QuerySet):
    def named(self, text):
        """The row whose name, abbreviation or synonym is `text`, however it is written; None where there is none."""
        wanted = fold(text)
        for row in self:
            if wanted in row.spellings():  # type: ignore[attr-defined]
                return row
        return None


class Vocabulary(Versioned):
    """What every vocabulary has."""

    name = models.CharField(_("name"), max_length=120, unique=True, validators=[validate_clean])
    abbreviation = models.CharField(_("abbreviation"), max_length=20, blank=True, validators=[validate_clean])
    synonyms = models.TextField(
        _("synonyms"), blank=True, help_text=_("Other spellings, one a line. Imports recognise them.")
    )
    is_confirmed = models.BooleanField(
        _("confirmed"),
        default=True,
        help_text=_("Not confirmed: found in one source only, kept until the office decides."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    note = models.TextField(_("note"), blank=True)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["position", "name"]

    def __str__(self):
        return self.name

    def spellings(self):
        """Every folded spelling of this row."""
        return {fold(text) for text in [self.name, self.abbreviation, *self.synonyms.splitlines()] if text.strip()}


class Form(Vocabulary):
    """Bentuk: primary or secondary, by where the members are; it decides which office is responsible.

    Members within one regency: that regency's office; across regencies: the province; across
    provinces: the Ministry.
    """

    class Level(models.TextChoices):
        REGENCY = "regency", _("Regency")
        PROVINCE = "province", _("Province")
        MINISTRY = "ministry", _("Ministry")

    responsible_level = models.CharField(_("responsible level"), max_length=8, choices=Level.choices)

    history = HistoricalRecords()

    class Meta(Vocabulary.Meta):
        verbose_name = _("form")
        verbose_name_plural = _("forms")


class Kind(Vocabulary):
    """Jenis: what the cooperative does for its members (UU 25/1992). Old records may carry none."""

    history = HistoricalRecords()

    class Meta(Vocabulary.Meta):
        verbose_name = _("kind")
        verbose_name_plural = _("kinds")


class Group(Vocabulary):
    """Kelompok: the "47 kinds" of the founding press release; 43 of them are known."""

    history = HistoricalRecords()

    class Meta(Vocabulary.Meta):
        verbose_name = _("group")
        verbose_name_plural = _("groups")


class Sector(Vocabulary):
    """Sektor usaha, after the sections of KBLI."""

    history = HistoricalRecords()

    class Meta(Vocabulary.Meta):
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")
