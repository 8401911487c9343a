"""The cooperative: the register's record, its verbs, and the choices among many."""

from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Count, F, FilteredRelation, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.dates import today
from common.models import DataVersion, StepRefused, Versioned
from common.text import validate_clean
from cooperatives import spelling
from cooperatives.models.annual_return import AnnualReturn
from cooperatives.models.status import Status, StatusPeriod, place, refuse_step
from cooperatives.models.vocabularies import Form
from regions.models import Regency

ENDED = (Status.DISSOLVED, Status.MERGED)


class CooperativeQuerySet(models.QuerySet):
    def in_register(self):
        """All that count: every record but the voided ones. The dissolved stay."""
        return self.filter(voided_at=None)

    def standing(self):
        """In the register and neither dissolved nor merged: what "jumlah koperasi" counts."""
        return self.in_register().exclude(status__in=ENDED)

    def active(self):
        return self.in_register().filter(status=Status.ACTIVE)

    def on(self, date):
        """Those of the register that existed on a date, each with `status_on`: true on that date, as known now."""
        if date >= today():
            # Today's status stands in the record itself, and nothing was founded in the future: one table, one index.
            return self.in_register().exclude(status="").annotate(status_on=F("status"))
        return (
            self.in_register()
            .filter(Q(founded_on=None) | Q(founded_on__lte=date))
            .annotate(
                period=FilteredRelation(
                    "status_periods",
                    condition=Q(Q(status_periods__since=None) | Q(status_periods__since__lte=date))
                    & Q(Q(status_periods__until=None) | Q(status_periods__until__gt=date)),
                )
            )
            .filter(period__isnull=False)
            .annotate(status_on=F("period__status"))
        )

    def located_in(self, regency, *, on=None):
        """Those whose seat is in the regency; before a split, also those of the regencies that split from it later."""
        regencies = [regency.pk]
        if on is not None:
            regencies += [young.pk for young in regency.offspring.all() if not young.was_part_on(on)]
        return self.filter(regency__in=regencies)

    def under(self, office, *, on=None):
        """Those the office is responsible for: a regency, or one of the `Form.Level` values province and ministry.

        Responsibility follows the form; a record without a form is with the regency where it is located.
        """
        if isinstance(office, Regency):
            return self.located_in(office, on=on).filter(Q(form=None) | Q(form__responsible_level=Form.Level.REGENCY))
        return self.filter(form__responsible_level=office)

    def with_rats(self, numbers, counting_year):
        """Those that held the RAT in so many (`numbers` of 0 to 3) of the three book years up to the counting one."""
        held = (
            AnnualReturn.objects.filter(book_year__range=(counting_year - 2, counting_year), rat_held=True)
            .order_by()
            .values("cooperative_id")
            .annotate(times=Count("pk"))
        )
        some = Q(pk__in=held.filter(times__in=[n for n in numbers if n]).values("cooperative_id"))
        return self.filter(some | ~Q(pk__in=held.values("cooperative_id")) if 0 in numbers else some)

    def visible_to(self, user):
        """What a signed-in person may see in the workspace: an officer the own regency's, the others all."""
        if user.regency_id:
            return self.located_in(user.regency)
        return self.all()

    def editable_by(self, user):
        """What a signed-in person may edit where the permission allows: an officer what is under the own office."""
        if user.regency_id:
            return self.in_register().under(user.regency)
        return self.in_register()

    def matching(self, text):
        """Those whose name, former name, number or village holds every word of the text, however it is written."""
        found = self
        for word in spelling.words(text):
            found = found.filter(search__contains=word)
        return found

    def for_list(self):
        """What a row of the list shows, fetched at once."""
        return self.select_related("regency", "group", "form", "kind", "sector")


class Cooperative(Versioned):
    """A cooperative of the register. Never hard-deleted: it is dissolved, voided, or merged with its double."""

    class Loop(models.TextChoices):
        CLOSED = "closed", _("Closed loop (members only)")
        OPEN = "open", _("Open loop")

    class Management(models.TextChoices):
        CONVENTIONAL = "conventional", _("Conventional")
        SHARIA = "sharia", _("Sharia")

    class Health(models.TextChoices):
        """Predicates of Perdep 06/Per/Dep.6/IV/2016."""

        SOUND = "sound", _("Sound")
        FAIRLY_SOUND = "fairly_sound", _("Fairly sound")
        WATCHED = "watched", _("Under supervision")
        CLOSELY_WATCHED = "closely_watched", _("Under special supervision")

    class Grade(models.TextChoices):
        A = "A", "A"
        B = "B", "B"
        C1 = "C1", "C1"
        C2 = "C2", "C2"
        D = "D", "D"

    name = models.CharField(_("name"), max_length=200, validators=[validate_clean])
    nomor_induk_koperasi = models.CharField(
        _("Nomor Induk Koperasi"),
        max_length=13,
        null=True,
        blank=True,
        validators=[RegexValidator(r"^[0-9]{13}\Z", _("A Nomor Induk Koperasi has 13 digits."))],
        help_text=_("13 digits of the Ministry. Not a citizen's NIK."),
    )
    certificate_on = models.DateField(_("certificate date"), null=True, blank=True)
    certificate_valid_until = models.DateField(_("certificate valid until"), null=True, blank=True)
    legal_number = models.CharField(
        _("legal registration number"), max_length=80, blank=True, validators=[validate_clean]
    )
    legal_on = models.DateField(_("legal registration date"), null=True, blank=True)
    iusp_number = models.CharField(
        _("savings-and-loan licence number"), max_length=80, blank=True, validators=[validate_clean]
    )
    iusp_on = models.DateField(_("savings-and-loan licence date"), null=True, blank=True)
    nib = models.CharField(
        _("NIB"),
        max_length=13,
        blank=True,
        validators=[RegexValidator(r"^[0-9]{13}\Z", _("A NIB has 13 digits."))],
    )
    loop = models.CharField(_("open or closed loop"), max_length=6, choices=Loop.choices, blank=True)
    form = models.ForeignKey(
        "cooperatives.Form", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("form")
    )
    kind = models.ForeignKey(
        "cooperatives.Kind", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("kind")
    )
    group = models.ForeignKey(
        "cooperatives.Group", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("group")
    )
    sector = models.ForeignKey(
        "cooperatives.Sector", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sector")
    )
    regency = models.ForeignKey(
        Regency, models.PROTECT, null=True, blank=True, related_name="cooperatives", verbose_name=_("regency")
    )
    district = models.CharField(_("district"), max_length=80, blank=True, validators=[validate_clean])
    village = models.CharField(_("village"), max_length=80, blank=True, validators=[validate_clean])
    postal_code = models.CharField(
        _("postal code"),
        max_length=5,
        blank=True,
        validators=[RegexValidator(r"^[0-9]{5}\Z", _("A postal code has 5 digits."))],
    )
    address = models.CharField(_("address"), max_length=250, blank=True, validators=[validate_clean])
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    founded_on = models.DateField(_("founding date"), null=True, blank=True)
    email = models.EmailField(_("e-mail (private)"), blank=True)
    phone = models.CharField(_("phone (private)"), max_length=30, blank=True)
    other_phone = models.CharField(_("other phone (private)"), max_length=30, blank=True)
    website = models.URLField(_("website"), blank=True)
    is_merah_putih = models.BooleanField(
        _("Merah Putih"), default=False, help_text=_("Formed under Inpres 9/2025, for the village named above.")
    )
    management = models.CharField(_("management"), max_length=12, choices=Management.choices, blank=True)
    health = models.CharField(_("health rating"), max_length=15, choices=Health.choices, blank=True)
    health_on = models.DateField(_("health rated on"), null=True, blank=True)
    health_source = models.CharField(_("source of the health rating"), max_length=200, blank=True)
    note = models.TextField(_("internal note"), blank=True)

    voided_at = models.DateTimeField(_("voided at"), null=True, blank=True, editable=False)
    void_reason = models.CharField(_("reason for voiding"), max_length=300, blank=True, editable=False)
    same_as = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="doubles",
        verbose_name=_("same cooperative as"),
        help_text=_("The record that this double was merged into."),
    )
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), default=timezone.now, editable=False)

    # Derived by cooperatives.summary.refresh_summary; never typed.
    name_key = models.CharField(max_length=200, default="", editable=False)
    search = models.TextField(default="", editable=False)
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, blank=True, editable=False)
    status_since = models.DateField(_("status since"), null=True, editable=False)
    rule_status = models.CharField(
        _("status by the rule"), max_length=9, choices=Status.choices, blank=True, editable=False
    )
    grade = models.CharField(_("grade"), max_length=2, choices=Grade.choices, blank=True, editable=False)
    latest_return_year = models.PositiveSmallIntegerField(_("latest return"), null=True, editable=False)
    latest_rat_year = models.PositiveSmallIntegerField(_("latest book year with RAT"), null=True, editable=False)
    latest_members = models.PositiveIntegerField(_("members"), null=True, editable=False)

    objects = CooperativeQuerySet.as_manager()
    history = HistoricalRecords(
        excluded_fields=[
            "name_key",
            "search",
            "rule_status",
            "grade",
            "latest_return_year",
            "latest_rat_year",
            "latest_members",
            "updated_at",
        ]
    )

    class Meta:
        verbose_name = _("cooperative")
        verbose_name_plural = _("cooperatives")
        ordering = ["name_key", "pk"]
        permissions = [
            ("set_status", _("Can record a status")),
            ("void_cooperative", _("Can void a wrong record")),
            ("merge_cooperative", _("Can merge two records of one cooperative")),
            ("fill_rat_grid", _("Can fill the RAT grid")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["nomor_induk_koperasi"],
                condition=Q(voided_at=None),
                name="nomor_induk_koperasi_is_unique",
                violation_error_message=_("Another cooperative already has this Nomor Induk Koperasi."),
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None) | ~Q(void_reason=""),
                name="void_says_why",
                violation_error_message=_("Voiding a record needs a reason."),
            ),
            models.CheckConstraint(
                condition=Q(same_as=None) | Q(voided_at__isnull=False), name="merged_double_is_void"
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__gte=-3, latitude__lte=5, longitude__gte=113, longitude__lte=120),
                name="coordinates_lie_in_kalimantan_timur",
                violation_error_message=_("The coordinates do not lie in East Kalimantan. Latitude comes first."),
            ),
        ]
        # SQLite takes an answer from an index alone only where the index holds all columns that are asked, the one
        # of its own condition too: hence voided_at at the end of each that is grouped by.
        indexes = [
            models.Index(fields=["name_key", "id"], name="coop_list", condition=Q(voided_at=None)),
            models.Index(
                fields=["regency", "name_key", "id", "voided_at"], name="coop_regency", condition=Q(voided_at=None)
            ),
            models.Index(
                fields=["status", "name_key", "id", "voided_at"], name="coop_status", condition=Q(voided_at=None)
            ),
            models.Index(
                fields=["group", "name_key", "id", "voided_at"], name="coop_group", condition=Q(voided_at=None)
            ),
            # The recap groups all of the register by these three: with the index it never reads a record.
            models.Index(
                fields=["regency", "form", "status", "voided_at"], name="coop_recap", condition=Q(voided_at=None)
            ),
            models.Index(fields=["kind", "voided_at"], name="coop_kind", condition=Q(voided_at=None)),
            models.Index(fields=["form", "voided_at"], name="coop_form", condition=Q(voided_at=None)),
            models.Index(fields=["sector", "voided_at"], name="coop_sector", condition=Q(voided_at=None)),
            models.Index(fields=["grade", "voided_at"], name="coop_grade", condition=Q(voided_at=None)),
            models.Index(fields=["is_merah_putih", "voided_at"], name="coop_merah_putih", condition=Q(voided_at=None)),
            # All that facet counts ask for (cooperatives.facets), so that ticks in any combination never read a record.
            models.Index(
                fields=[
                    "regency",
                    "status",
                    "group",
                    "kind",
                    "form",
                    "sector",
                    "grade",
                    "is_merah_putih",
                    "latest_members",
                    "name_key",
                    "id",
                    "voided_at",
                ],
                name="coop_facets",
                condition=Q(voided_at=None),
            ),
            models.Index(fields=["legal_number"], name="coop_legal_number"),
            models.Index(fields=["updated_at"], name="coop_updated"),
            models.Index(fields=["is_demo"], name="coop_demo", condition=Q(is_demo=True)),
            GinIndex(fields=["search"], opclasses=["gin_trgm_ops"], name="coop_search"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("cooperative", args=[self.pk, self.slug])

    @property
    def slug(self):
        return slugify(self.name)[:60].strip("-") or "koperasi"

    @property
    def founding_date(self):
        """The day from which it exists: founding, else legal registration; None where neither is known."""
        return self.founded_on or self.legal_on

    @property
    def is_voided(self):
        return self.voided_at is not None

    @property
    def has_ended(self):
        return self.status in ENDED

    # -- Verbs -------------------------------------------------------------------------------------

    @transaction.atomic
    def record_status(self, status, *, since, basis, by, successor=None):
        """Say that the status is `status` from the day `since` on, until the next change that is already recorded.

        One verb for today's change and for a back-dated one: the period that held on that day is cut
        short, later ones stay. `since` may be None only for the first period. Raises StepRefused.
        """
        self._lock()
        if status in ENDED:
            self.refuse_while_blocked()
        periods = list(self.status_periods.order_by(F("since").asc(nulls_first=True), "pk"))
        previous, following = place(periods, status, since)
        if previous:
            previous.until = since
            self._save_with_history(previous, by=by, reason=basis)
        period = StatusPeriod(
            cooperative=self,
            status=status,
            since=since,
            until=following.since if following else None,
            basis=basis,
            successor=successor,
            by=by,
        )
        self._save_with_history(period, by=by, reason=basis)
        self._published()
        return period

    @transaction.atomic
    def withdraw_status(self, period, *, reason, by):
        """Take back a period that was recorded by mistake: the one before it goes on. Raises StepRefused."""
        self._lock()
        periods = list(self.status_periods.order_by(F("since").asc(nulls_first=True), "pk"))
        index = next((i for i, p in enumerate(periods) if p.pk == period.pk), None)
        if index is None:
            raise StepRefused(gettext("This status was already withdrawn."))
        if len(periods) == 1:
            raise StepRefused(
                gettext("The only status of a cooperative cannot be withdrawn. Record the right one first.")
            )
        wrong = periods[index]
        wrong._history_user, wrong._change_reason = by, reason[:100]  # type: ignore[attr-defined]
        until = wrong.until
        following = periods[index + 1] if index + 1 < len(periods) else None
        if index and following:
            refuse_step(periods[index - 1].status, following.status)
        wrong.delete()
        if index:
            periods[index - 1].until = until
            self._save_with_history(periods[index - 1], by=by, reason=reason)
        self._published()

    @transaction.atomic
    def void(self, *, reason, by):
        """Take a wrong entry out of every count; its history stays. Raises StepRefused where something refers to it."""
        if not reason.strip():
            raise StepRefused(gettext("Voiding a record needs a reason."))
        self._lock()
        if self.is_voided:
            raise StepRefused(gettext("This record was already voided."))
        merged = self.merged_periods.filter(until=None).select_related("cooperative").first()
        if merged:
            raise StepRefused(
                gettext("%(name)s was merged into this cooperative. Withdraw that status first.")
                % {"name": merged.cooperative}
            )
        self.refuse_while_blocked()
        self.voided_at, self.void_reason = timezone.now(), reason
        self._save_with_history(self, by=by, reason=reason)
        self._published()

    @transaction.atomic
    def restore(self, *, reason, by):
        """Bring a voided record back into the register. Raises StepRefused for a double that was merged."""
        self._lock()
        if not self.is_voided or self.same_as_id:
            raise StepRefused(gettext("Only a voided record that was not merged can be restored."))
        self.voided_at, self.void_reason = None, ""
        self._save_with_history(self, by=by, reason=reason)
        self._published()

    def blockers(self):
        """What stands in the way of dissolving, merging or voiding: `[(model, count)]`.

        Every model that points here and whose queryset has `blocking(cooperative)` is asked; the
        foreign key is the registration, nothing above is imported.
        """
        found = []
        for relation in self._meta.related_objects:
            queryset = relation.related_model._default_manager.all()
            if hasattr(queryset, "blocking") and (count := queryset.blocking(self).count()):
                found.append((relation.related_model, count))
        return found

    def _lock(self):
        """Wait for other writers of this record, and read it as they left it."""
        # bare update: the version alone, as a lock; the verb that asked for it writes the history.
        type(self)._base_manager.filter(pk=self.pk).update(version=F("version") + 1)
        self.refresh_from_db()

    def refuse_while_blocked(self):
        if blockers := self.blockers():
            what = ", ".join(f"{count} {model._meta.verbose_name_plural}" for model, count in blockers)
            raise StepRefused(gettext("Not possible while these are open: %(what)s.") % {"what": what})

    @staticmethod
    def _save_with_history(record, *, by, reason):
        record._history_user, record._change_reason = by, reason[:100]
        record.save()

    def _published(self):
        from cooperatives.summary import publish

        publish([self.pk])
        self.refresh_from_db()


def register(cooperative, *, status, since, basis, by):
    """Enter a new cooperative with its first status, in one transaction; returns it as saved."""
    with transaction.atomic():
        cooperative.is_demo = cooperative.is_demo or DataVersion.demo_is_in()
        cooperative._history_user = by
        cooperative.save()
        cooperative.record_status(status, since=since, basis=basis, by=by)
        return cooperative
