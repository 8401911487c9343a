"""The package: one recipient's aid of one kind from one programme, and the choices among many. `procedure` moves it."""

from datetime import date

from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from assistance.models.kind import AidKind
from assistance.models.programme import MOST, Programme
from assistance.models.recipient import Recipient
from assistance.stages import COMMITTED, DELIVERED, ENDED, WAY, Stage
from common.dates import EARLIEST, today
from common.models import Versioned
from common.text import fold, validate_clean
from figures.models import Source
from regions.models import Regency

# What publicly visible changes of aid bump.
SUBJECT = "aid"
MOST_UNITS = 100_000


class RecipientKind(models.TextChoices):
    """The kinds of recipient as the public list tells them apart; blank where a source does not say."""

    COOPERATIVE = "cooperative", _("Cooperative")
    GROUP = "group", _("Business or group")
    PERSON = "person", _("Person")
    GOVERNMENT = "government", _("Regency government")


def batched(keys, size=500):
    """Keys in lists of a size, so that no statement grows with the table."""
    keys = list(keys)
    return [keys[at : at + size] for at in range(0, len(keys), size)]


class PackageQuerySet(models.QuerySet):
    def in_force(self):
        """All that count: wrong entries that were taken out are left aside."""
        return self.filter(voided_at=None)

    def public(self):
        """What the public may read: from the decree on, and old aid."""
        return self.filter(is_public=True, voided_at=None)

    def visible_to(self, user):
        """An officer sees what goes to the own regency, the office all."""
        found = self.in_force()
        return found.filter(regency=user.regency_id) if user.regency_id else found

    def delivered(self):
        return self.in_force().filter(stage__in=DELIVERED)

    def owing_report(self, on=None):
        """Handed over, its use not reported, and due before the day."""
        return self.delivered().filter(use_reported_on=None, use_report_due_on__lt=on or today())

    def matching(self, text):
        """Those whose kind, programme, public recipient or regency holds every word of the text."""
        found = self
        for word in fold(text).split():
            found = found.filter(search__contains=word)
        return found

    def refresh_search(self):
        """Fold the search words anew, after a name that they hold was changed elsewhere."""
        keys = self.order_by("pk").values_list("pk", flat=True)
        for some in batched(keys):
            packages = list(Package.objects.filter(pk__in=some).for_list())
            for package in packages:
                package.make_search()
            # bare update: derived words, which no history keeps.
            Package.objects.bulk_update(packages, ["search"])

    def of_cooperative(self, cooperative):
        return self.filter(recipient__cooperative=cooperative)

    def count_by_regency(self):
        """`{regency id: packages}`, those without any left out; one query from an index."""
        return dict(self.order_by().values_list("regency_id").annotate(n=models.Count("pk")))

    def newest_first(self):
        return self.order_by("-listed_on", "-pk")

    def for_list(self):
        return self.select_related("programme", "kind", "recipient__cooperative", "regency").defer("regency__boundary")


class Package(Versioned):
    """Aid of one kind from one programme to one recipient.

    Old aid ("data historis") may lack programme, recipient, regency and quantity, or be a sum over many recipients;
    `source` then says who said so. Amounts are whole rupiah, each the newest of its rows (`AmountRow`).
    """

    class Transfer(models.TextChoices):
        GRANT = "grant", _("Grant (hibah)")
        LOAN = "loan", _("Loan for use (pinjam pakai)")
        GOVERNMENTS = "governments", _("Between governments")

    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="packages", verbose_name=_("programme")
    )
    kind = models.ForeignKey(AidKind, models.PROTECT, related_name="packages", verbose_name=_("aid kind"))
    recipient = models.ForeignKey(
        Recipient, models.PROTECT, null=True, blank=True, related_name="packages", verbose_name=_("recipient")
    )
    recipient_kind = models.CharField(
        _("kind of recipient"), max_length=11, choices=RecipientKind.choices, blank=True, editable=False
    )
    recipient_count = models.PositiveIntegerField(
        _("number of recipients"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Only for old aid that is known as a sum over many recipients."),
    )
    regency = models.ForeignKey(
        Regency, models.PROTECT, null=True, blank=True, related_name="packages", verbose_name=_("regency")
    )
    place = models.CharField(
        _("place of use"),
        max_length=120,
        blank=True,
        validators=[validate_clean],
        help_text=_("Public: market, village or district; never the address of a home."),
    )
    transfer = models.CharField(_("way of transfer"), max_length=11, choices=Transfer.choices, blank=True)
    land_status = models.CharField(_("status of the land"), max_length=120, blank=True, validators=[validate_clean])
    quantity = models.PositiveIntegerField(
        _("quantity"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MOST_UNITS)]
    )
    unit_price = models.BigIntegerField(
        _("unit price"), null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(MOST)]
    )
    planned_amount = models.BigIntegerField(_("planned value"), null=True, editable=False)
    contracted_amount = models.BigIntegerField(_("contracted value"), null=True, editable=False)
    realised_amount = models.BigIntegerField(_("realised value"), null=True, editable=False)
    # What of the programme's ceiling it takes up now; moved together with `Programme.committed`.
    committed_amount = models.BigIntegerField(default=0, editable=False)
    supplier = models.CharField(_("supplier"), max_length=200, blank=True, validators=[validate_clean])
    procurement_number = models.CharField(
        _("procurement number"), max_length=80, blank=True, validators=[validate_clean]
    )
    stage = models.CharField(_("stage"), max_length=12, choices=Stage.choices, default=Stage.PROPOSED, editable=False)
    is_historical = models.BooleanField(_("historical data"), default=False, editable=False)
    source = models.ForeignKey(
        Source,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="aid_packages",
        verbose_name=_("source"),
        help_text=_("Who published it, where old aid is known from a publication."),
    )
    remark = models.TextField(_("public remark"), blank=True, help_text=_("Everybody reads it. No names of people."))
    note = models.TextField(_("internal note"), blank=True)

    is_public = models.BooleanField(_("public"), default=False, editable=False)
    decreed_on = models.DateField(_("decreed on"), null=True, editable=False)
    handed_over_on = models.DateField(_("handed over on"), null=True, editable=False)
    # How many are named by handovers that stand, and by those that a second person confirmed.
    handed_count = models.PositiveIntegerField(_("handed over"), default=0, editable=False)
    confirmed_count = models.PositiveIntegerField(_("confirmed"), default=0, editable=False)
    use_report_due_on = models.DateField(_("use report due on"), null=True, editable=False)
    use_reported_on = models.DateField(_("use reported on"), null=True, editable=False)
    # Of aid without units of its own (permits, capital); where there are units they have their own days.
    last_seen_on = models.DateField(_("last verified on"), null=True, editable=False)
    next_visit_on = models.DateField(_("next visit due on"), null=True, editable=False)
    voided_at = models.DateTimeField(_("taken out at"), null=True, editable=False)
    void_reason = models.CharField(_("reason for taking it out"), max_length=300, blank=True, editable=False)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    # Where it stands in a list, the newest first; made by `place_in_list`.
    listed_on = models.DateField(default=EARLIEST, editable=False)
    # Folded words that everybody may search by; made by `make_search`.
    search = models.TextField(default="", editable=False)

    objects = PackageQuerySet.as_manager()
    history = HistoricalRecords(
        excluded_fields=["search", "listed_on", "handed_count", "confirmed_count", "last_seen_on"]
    )

    class Meta:
        verbose_name = _("aid package")
        verbose_name_plural = _("aid packages")
        ordering = ["-pk"]
        permissions = [
            ("propose_aid", _("Can enter proposals of aid")),
            ("process_aid", _("Can file the papers of aid and enter handovers")),
            ("approve_aid", _("Can verify, decree and confirm aid, and end it")),
            ("visit_aid", _("Can record monitoring visits")),
            ("view_aid_audit", _("Can read the auditor's lists of aid")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="aid_stage_is_known"),
            models.CheckConstraint(
                condition=Q(is_historical=True)
                | Q(
                    programme__isnull=False,
                    recipient__isnull=False,
                    regency__isnull=False,
                    quantity__isnull=False,
                    recipient_count=None,
                ),
                name="aid_of_today_is_known_in_full",
                violation_error_message=_(
                    "Programme, recipient, regency and quantity are needed. Only historical data may leave them out."
                ),
            ),
            models.CheckConstraint(
                condition=Q(recipient=None) | Q(recipient_count=None),
                name="aid_is_to_one_recipient_or_a_sum",
                violation_error_message=_("Name one recipient, or how many there were; not both."),
            ),
            models.CheckConstraint(
                condition=Q(quantity=None) | Q(quantity__gt=0, handed_count__lte=F("quantity")),
                name="aid_hands_over_no_more_than_its_quantity",
                violation_error_message=_("More is handed over already than this quantity."),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_count__lte=F("handed_count")), name="aid_confirms_what_was_handed_over"
            ),
            models.CheckConstraint(
                condition=Q(realised_amount=None)
                | Q(contracted_amount=None)
                | Q(realised_amount__lte=F("contracted_amount")),
                name="aid_realises_no_more_than_its_contract",
                violation_error_message=_("The realised value is larger than the contract."),
            ),
            models.CheckConstraint(condition=Q(voided_at=None) | ~Q(void_reason=""), name="aid_taken_out_says_why"),
        ]
        indexes = [
            models.Index(fields=["listed_on", "id"], name="aid_public", condition=Q(is_public=True, voided_at=None)),
            # All that the facets and totals of the public list ask for, so that they never read a record.
            models.Index(
                fields=[
                    "regency",
                    "kind",
                    "programme",
                    "recipient_kind",
                    "stage",
                    "quantity",
                    "contracted_amount",
                    "realised_amount",
                    "is_public",
                    "voided_at",
                ],
                name="aid_facets",
                condition=Q(is_public=True, voided_at=None),
            ),
            models.Index(fields=["stage", "regency"], name="aid_stage"),
            models.Index(
                fields=["use_report_due_on"], name="aid_owing", condition=Q(use_reported_on=None, voided_at=None)
            ),
            models.Index(fields=["next_visit_on"], name="aid_visit_due", condition=Q(next_visit_on__isnull=False)),
            GinIndex(fields=["search"], opclasses=["gin_trgm_ops"], name="aid_search"),
        ]

    def __str__(self):
        return f"{self.pk or '–'}"

    def get_absolute_url(self):
        return reverse("aid_package", args=[self.pk])

    def get_record_url(self):
        """Its page in the workspace."""
        return reverse("aid_record", args=[self.pk])

    # -- Facts ---------------------------------------------------------------------------------------

    @property
    def title(self):
        """ "Sepeda motor roda tiga, 5 unit". Reads the kind."""
        if self.quantity is None:
            return self.kind.name
        return f"{self.kind.name}, {self.quantity} {self.kind.unit_word}"

    @property
    def recipient_name(self):
        """The recipient as everybody may read it; a sum says so. Reads the recipient."""
        if self.recipient_id:
            return self.recipient.public_name
        if self.recipient_count:
            return gettext("%(count)s recipients") % {"count": self.recipient_count}
        return ""

    @property
    def amount(self):
        """Its value in rupiah as far as it is known: realised, else contracted, else planned; None where unknown."""
        return next(
            (v for v in (self.realised_amount, self.contracted_amount, self.planned_amount) if v is not None), None
        )

    @property
    def badge(self):
        """The kind of badge that its stage wears."""
        if self.stage == Stage.CLOSED:
            return "ok"
        return "bad" if self.stage in ENDED else "way"

    @property
    def is_delivered(self):
        return self.stage in DELIVERED

    @property
    def has_ended(self):
        return self.stage in ENDED

    @property
    def to_government(self):
        return self.recipient_kind == RecipientKind.GOVERNMENT

    def papers(self, stage):
        """The documents that the stage needs for this package. Reads the kind."""
        return self.kind.papers(stage, to_government=self.to_government)

    def days_late(self, on=None):
        """By how many days its use report is overdue; 0 where it is not."""
        on = on or today()
        if not self.is_delivered or self.use_reported_on or not self.use_report_due_on:
            return 0
        return max(0, (on - self.use_report_due_on).days)

    def make_search(self):
        """Set the folded search words from what is public; call it before saving."""
        words = [self.kind.name, self.kind.synonyms, self.recipient_name, self.place]
        words += [self.programme.name, str(self.programme.fiscal_year or "")] if self.programme_id else []
        words += [self.regency.name] if self.regency_id else []
        self.search = fold(" ".join(words))

    def place_in_list(self):
        """Set the day that orders lists: of the decree, else of the handover, else the end of the fiscal year."""
        year = self.programme.fiscal_year if self.programme_id else None
        self.listed_on = self.decreed_on or self.handed_over_on or (date(year, 12, 31) if year else EARLIEST)

    def takes_up(self, stage=None):
        """What of the programme's ceiling it takes up at a stage (its present one): contracted, else planned."""
        if (stage or self.stage) not in COMMITTED:
            return 0
        return next((v for v in (self.contracted_amount, self.planned_amount) if v is not None), 0)

    @property
    def reached(self):
        """The stages of the straight way up to the present one; of one that left the way, up to where it left."""
        return WAY[: WAY.index(self.stage) + 1] if self.stage in WAY else ()
