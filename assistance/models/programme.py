"""Programmes: the money that aid comes from."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.models import StepRefused, Versioned
from common.numbers import format_money
from common.text import validate_clean, validate_public

# Whole rupiah; what is larger is a slip of the keyboard.
MOST = 10**15


class Programme(Versioned):
    """One programme of one fiscal year, with its source of money and its ceiling in whole rupiah.

    Year, funding and ceiling are unknown only where a programme of the past is entered that way.
    """

    class Funding(models.TextChoices):
        PROVINCE = "apbd_provinsi", "APBD Provinsi"
        REGENCY = "apbd_kabkota", "APBD Kabupaten/Kota"
        STATE = "apbn", "APBN"
        DAK = "dak", "DAK"
        DID = "did", "DID"
        CSR = "csr", "CSR"

    name = models.CharField(_("name"), max_length=200, validators=[validate_clean, validate_public])
    fiscal_year = models.PositiveSmallIntegerField(
        _("fiscal year"), null=True, blank=True, validators=[MinValueValidator(1990), MaxValueValidator(2100)]
    )
    funding = models.CharField(_("source of money"), max_length=13, choices=Funding.choices, blank=True)
    budget_line = models.CharField(_("budget line"), max_length=60, blank=True, validators=[validate_clean])
    dpa_number = models.CharField(_("DPA number"), max_length=80, blank=True, validators=[validate_clean])
    ceiling = models.BigIntegerField(
        _("ceiling"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(MOST)],
        help_text=_("Whole rupiah. Empty only where it is not known."),
    )
    # What its packages take up; moved together with them, in one transaction.
    committed = models.BigIntegerField(_("committed"), default=0, editable=False)
    is_historical = models.BooleanField(
        _("historical data"), default=False, help_text=_("Entered from old papers: year and money may be unknown.")
    )
    note = models.TextField(_("note"), blank=True, help_text=_("Public: what is known beside the figures."))
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    history = HistoricalRecords(excluded_fields=["committed"])

    class Meta:
        verbose_name = _("aid programme")
        verbose_name_plural = _("aid programmes")
        ordering = [F("fiscal_year").desc(nulls_last=True), "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ceiling=None) | Q(committed__lte=F("ceiling")),
                name="programme_keeps_to_its_ceiling",
                violation_error_message=_("The packages of the programme take up more than this ceiling."),
            ),
            models.CheckConstraint(condition=Q(committed__gte=0), name="programme_commits_no_less_than_nothing"),
            models.CheckConstraint(
                condition=Q(is_historical=True)
                | (Q(fiscal_year__isnull=False, ceiling__isnull=False) & ~Q(funding="")),
                name="programme_names_year_money_and_ceiling",
                violation_error_message=_(
                    "Fiscal year, source of money and ceiling are needed. Only historical data may leave them out."
                ),
            ),
        ]

    def __str__(self):
        return f"{self.name} {self.fiscal_year or ''}".strip()

    def commit(self, amount):
        """Take up `amount` more rupiah (or give back, below zero) at once; raises StepRefused beyond the ceiling.

        The conditional update is the lock, so that of many at once the sum never exceeds it.
        """
        if not amount:
            return
        open_ = Programme.objects.filter(pk=self.pk)
        if amount > 0:
            open_ = open_.filter(Q(ceiling=None) | Q(ceiling__gte=F("committed") + amount))
        # bare update: the package's own row of history says what it takes up.
        if not open_.update(committed=F("committed") + amount):
            now = Programme.objects.get(pk=self.pk)
            raise StepRefused(
                gettext(
                    "The ceiling of “%(programme)s” is %(ceiling)s, of which %(committed)s is taken; %(amount)s more"
                    " does not fit. Lower the value, or raise the ceiling first."
                )
                % {
                    "programme": now,
                    "ceiling": format_money(now.ceiling),
                    "committed": format_money(now.committed),
                    "amount": format_money(amount),
                }
            )
