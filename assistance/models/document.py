"""Documents of aid: entered once for all packages that they cover. Files are private, numbers and dates public."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assistance.models.kind import AidKind
from assistance.models.package import Package
from assistance.stages import COMPARED, Paper
from common.text import validate_clean, validate_public
from files.models import GuardedFile


class DocumentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those of a package that this person may see; the office all."""
        if user.regency_id:
            return self.filter(Q(links__package__in=Package.objects.visible_to(user)) | Q(by=user)).distinct()
        return self.all()


class Document(models.Model):
    """One paper: its kind, number and day, and its file with SHA-256. Written once; another paper is another row.

    The file may be missing only for historical data. `file` is never public.
    """

    paper = models.CharField(_("kind of document"), max_length=14, choices=Paper.choices)
    number = models.CharField(_("number"), max_length=120, validators=[validate_clean, validate_public])
    dated_on = models.DateField(_("date"), null=True)
    file = models.ForeignKey(GuardedFile, models.PROTECT, null=True, related_name="+", verbose_name=_("file"))
    packages = models.ManyToManyField(
        Package, through="PackageDocument", related_name="documents", verbose_name=_("aid packages")
    )
    is_historical = models.BooleanField(_("historical data"), default=False)
    is_demo = models.BooleanField(_("demo data"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document of aid")
        verbose_name_plural = _("documents of aid")
        ordering = ["dated_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(paper__in=Paper.values), name="aid_document_is_of_a_known_kind"),
            models.CheckConstraint(
                condition=Q(is_historical=True) | Q(dated_on__isnull=False, file__isnull=False),
                name="aid_document_has_day_and_file",
                violation_error_message=_("Day and file are needed. Only historical data may leave them out."),
            ),
        ]
        indexes = [models.Index(fields=["paper", "number"], name="aid_document_number")]

    def __str__(self):
        return f"{self.get_paper_display()} {self.number}"


class PackageDocument(models.Model):
    """That a document covers a package, and what it says of it where SK, NPHD and BAST must agree."""

    package = models.ForeignKey(Package, models.PROTECT, related_name="links", verbose_name=_("aid package"))
    document = models.ForeignKey(Document, models.PROTECT, related_name="links", verbose_name=_("document"))
    kind = models.ForeignKey(
        AidKind, models.PROTECT, null=True, related_name="+", verbose_name=_("kind by the document")
    )
    quantity = models.PositiveIntegerField(_("quantity by the document"), null=True)
    # Only where the document names somebody else.
    recipient_name = models.CharField(
        _("recipient by the document"), max_length=200, blank=True, validators=[validate_clean]
    )
    difference = models.CharField(
        _("explanation of the difference"), max_length=300, blank=True, validators=[validate_clean]
    )

    class Meta:
        verbose_name = _("document of a package")
        verbose_name_plural = _("documents of packages")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["document", "package"], name="document_covers_a_package_once")]

    def __str__(self):
        return f"{self.document_id} → {self.package_id}"

    @classmethod
    def differing(cls):
        """Those of SK, NPHD and BAST that say another kind, quantity or recipient than the package."""
        return cls.objects.filter(document__paper__in=COMPARED).filter(
            (Q(kind__isnull=False) & ~Q(kind=F("package__kind")))
            | (Q(quantity__isnull=False) & ~Q(quantity=F("package__quantity")))
            | ~Q(recipient_name="")
        )
