"""Who is given aid. A natural person's name is never public."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from assistance.stages import Stage
from common.models import Versioned
from common.text import fold, validate_clean, validate_public
from cooperatives.models import Cooperative
from regions.models import Regency


class RecipientQuerySet(models.QuerySet):
    def visible_to(self, user):
        """An officer sees those of the own regency, the office all."""
        if user.regency_id:
            return self.filter(regency=user.regency_id)
        return self.all()

    def outdated(self):
        """Those of cooperatives that bear another name, or another seat, in the register by now."""
        return self.filter(cooperative__isnull=False).exclude(
            name=models.F("cooperative__name"), regency=models.F("cooperative__regency")
        )

    def blocking(self, cooperative):
        """Those that stand in the way of dissolving the cooperative: aid is decreed and on its way to it."""
        on_its_way = [Stage.DECREED, Stage.PROCURED]
        return self.filter(cooperative=cooperative, packages__stage__in=on_its_way, packages__voided_at=None).distinct()


def initials(name):
    """ "Siti Aminah" is "S. A."."""
    return " ".join(f"{word[0].upper()}." for word in name.split() if word[0].isalnum()) or "–"


class Recipient(Versioned):
    """One recipient: a cooperative of the register, a business or group, a person, or a regency's government."""

    class Kind(models.TextChoices):
        COOPERATIVE = "cooperative", _("Cooperative")
        GROUP = "group", _("Business or group")
        PERSON = "person", _("Person")
        GOVERNMENT = "government", _("Regency government")

    kind = models.CharField(_("kind of recipient"), max_length=11, choices=Kind.choices)
    cooperative = models.ForeignKey(
        Cooperative,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="recipients",
        verbose_name=_("cooperative"),
        help_text=_("Where the recipient is a cooperative of the register."),
    )
    name = models.CharField(_("name"), max_length=200, validators=[validate_clean, validate_public])
    group_name = models.CharField(
        _("group"),
        max_length=200,
        blank=True,
        validators=[validate_clean, validate_public],
        help_text=_("The group that a person belongs to; it is shown instead of the name."),
    )
    regency = models.ForeignKey(
        Regency, models.PROTECT, null=True, blank=True, related_name="recipients", verbose_name=_("regency")
    )
    address = models.CharField(_("address (private)"), max_length=250, blank=True, validators=[validate_clean])
    contact = models.CharField(_("contact person (private)"), max_length=120, blank=True, validators=[validate_clean])
    phone = models.CharField(_("phone (private)"), max_length=30, blank=True, validators=[validate_clean])
    nik_ktp = models.CharField(
        _("NIK of the KTP (private)"),
        max_length=16,
        blank=True,
        validators=[RegexValidator(r"^[0-9]{16}\Z", _("A NIK has 16 digits."))],
    )
    bank_account = models.CharField(_("bank account (private)"), max_length=60, blank=True, validators=[validate_clean])
    note = models.TextField(_("internal note"), blank=True)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    # Folded for finding the same one again; made by `make_keys`, which every form and import calls.
    name_key = models.CharField(max_length=200, default="", editable=False)
    group_key = models.CharField(max_length=200, default="", editable=False)
    address_key = models.CharField(max_length=250, default="", editable=False)

    objects = RecipientQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["name_key", "group_key", "address_key"])

    class Meta:
        verbose_name = _("recipient of aid")
        verbose_name_plural = _("recipients of aid")
        ordering = ["name_key", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="cooperative", cooperative__isnull=False)
                | (~Q(kind="cooperative") & Q(cooperative=None)),
                name="recipient_that_is_a_cooperative_is_in_the_register",
                violation_error_message=_("Choose the cooperative of the register, or another kind of recipient."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="government") | Q(regency__isnull=False),
                name="government_has_its_regency",
                violation_error_message=_("Choose the regency whose government receives the aid."),
            ),
        ]
        indexes = [
            models.Index(fields=["name_key", "id"], name="recipient_name"),
            models.Index(fields=["group_key"], name="recipient_group", condition=~Q(group_key="")),
            models.Index(fields=["address_key"], name="recipient_address", condition=~Q(address_key="")),
            models.Index(fields=["nik_ktp"], name="recipient_nik", condition=~Q(nik_ktp="")),
        ]

    def __str__(self):
        return self.name

    @property
    def public_name(self):
        """What everybody may read: for a person the group, else initials."""
        if self.kind == self.Kind.PERSON:
            return self.group_name or gettext("%(initials)s (a person)") % {"initials": initials(self.name)}
        return self.name

    def follow(self, cooperative, *, by=None):
        """Take over name and seat of the cooperative that it is, with its packages' search words."""
        self.name, self.regency = cooperative.name, cooperative.regency
        self.make_keys()
        self.version += 1
        self._history_user = by
        self._change_reason = gettext("As in the register")[:100]
        self.save()
        self.packages.all().refresh_search()

    def make_keys(self):
        """Set the folded keys from what they fold; call it before saving."""
        self.name_key = fold(self.name)[:200]
        self.group_key = fold(self.group_name if self.kind == self.Kind.PERSON else self.name)[:200]
        self.address_key = fold(self.address)[:250]
