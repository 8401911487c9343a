"""What a cooperative reported for one book year."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.dates import today
from common.models import Versioned

COUNTS = (
    "attendance",
    "members_men",
    "members_women",
    "members",
    "managers_men",
    "managers_women",
    "employees_men",
    "employees_women",
)
AMOUNTS = ("own_capital", "outside_capital", "assets", "turnover")
LARGEST_AMOUNT = 10**15


def _count(label):
    return models.PositiveIntegerField(label, null=True, blank=True)


def _rupiah(label):
    return models.BigIntegerField(label, null=True, blank=True)


class AnnualReturn(Versioned):
    """One cooperative's figures for one book year. Null means that the number is not known, never zero.

    Counts are people; amounts are whole rupiah. `rat_held` and `audited` know three answers: held,
    not held, not known.
    """

    cooperative = models.ForeignKey(
        "cooperatives.Cooperative", models.PROTECT, related_name="returns", verbose_name=_("cooperative")
    )
    book_year = models.PositiveSmallIntegerField(
        _("book year"), validators=[MinValueValidator(1950), MaxValueValidator(2100)]
    )
    rat_held = models.BooleanField(_("RAT held"), null=True, blank=True)
    rat_on = models.DateField(_("date of the RAT"), null=True, blank=True)
    attendance = _count(_("attendance"))
    audited = models.BooleanField(_("audited"), null=True, blank=True)
    members_men = _count(_("members, men"))
    members_women = _count(_("members, women"))
    members = _count(_("members"))
    members_note = models.CharField(
        _("why men and women differ from the total"),
        max_length=200,
        blank=True,
        help_text=_("Needed only where men plus women is not the total."),
    )
    managers_men = _count(_("managers, men"))
    managers_women = _count(_("managers, women"))
    employees_men = _count(_("employees, men"))
    employees_women = _count(_("employees, women"))
    own_capital = _rupiah(_("own capital (Rp)"))
    outside_capital = _rupiah(_("outside capital (Rp)"))
    assets = _rupiah(_("assets (Rp)"))
    turnover = _rupiah(_("turnover (Rp)"))
    shu = _rupiah(_("SHU (Rp)"))
    source = models.CharField(_("source"), max_length=200, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("annual return")
        verbose_name_plural = _("annual returns")
        ordering = ["-book_year"]
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative", "book_year"],
                name="one_return_a_book_year",
                violation_error_message=_("This cooperative already has a return for that book year."),
            ),
            models.CheckConstraint(condition=Q(book_year__gte=1950, book_year__lte=2100), name="book_year_is_a_year"),
            models.CheckConstraint(
                condition=Q(rat_held=True) | Q(rat_on=None, attendance=None),
                name="rat_date_needs_a_rat",
                violation_error_message=_("A date or an attendance of the RAT needs the answer that it was held."),
            ),
            models.CheckConstraint(
                condition=Q(members_men=None)
                | Q(members_women=None)
                | Q(members=None)
                | Q(members=F("members_men") + F("members_women"))
                | ~Q(members_note=""),
                name="members_add_up_or_say_why",
                violation_error_message=_("Men plus women is not the total. Correct one of the three, or say why."),
            ),
            models.CheckConstraint(
                condition=Q(shu=None) | Q(shu__gte=-LARGEST_AMOUNT, shu__lte=LARGEST_AMOUNT), name="shu_is_in_range"
            ),
            *[
                models.CheckConstraint(
                    condition=Q(**{name: None}) | Q(**{f"{name}__gte": 0, f"{name}__lte": LARGEST_AMOUNT}),
                    name=f"{name}_is_in_range",
                    violation_error_message=_("An amount lies between 0 and 1.000.000.000.000.000 rupiah."),
                )
                for name in AMOUNTS
            ],
            *[
                models.CheckConstraint(
                    condition=Q(**{name: None}) | Q(**{f"{name}__gte": 0}), name=f"{name}_is_not_negative"
                )
                for name in COUNTS
            ],
        ]
        indexes = [
            # The recap and the filters by book year read whole years.
            models.Index(fields=["book_year", "cooperative", "rat_held", "audited"], name="return_by_year"),
        ]

    def __str__(self):
        return str(self.book_year)

    def clean(self):
        """Rules that need the cooperative or the calendar; shared by forms and imports."""
        if self.pk:
            saved_year = type(self)._base_manager.values_list("book_year", flat=True).filter(pk=self.pk).first()
            if saved_year is not None and saved_year != self.book_year:
                raise ValidationError(
                    {
                        "book_year": _(
                            "The book year of a saved return cannot change. Enter a return for the other year."
                        )
                    }
                )
        errors = problems(self, founded_on=self.cooperative.founding_date if self.cooperative_id else None)
        if errors:
            raise ValidationError(errors)


def problems(entry, *, founded_on, on=None):
    """`{field: message}` of what the calendar forbids in a return; empty when it is sound."""
    on = on or today()
    found: dict = {}
    ended = on.year if (on.month, on.day) == (12, 31) else on.year - 1
    if entry.book_year is not None and entry.book_year > ended:
        found["book_year"] = _("This book year has not ended. The latest that can be entered is %(year)s.") % {
            "year": ended
        }
    if founded_on and entry.book_year is not None and entry.book_year < founded_on.year:
        found["book_year"] = _("The cooperative was founded in %(year)s; it has no book year before that.") % {
            "year": founded_on.year
        }
    if entry.rat_on:
        if entry.rat_on > on:
            found["rat_on"] = _("The RAT lies in the future. Enter it once it has been held.")
        elif founded_on and entry.rat_on < founded_on:
            found["rat_on"] = _("The RAT lies before the founding of the cooperative.")
        elif entry.book_year is not None and entry.rat_on.year <= entry.book_year:
            # A RAT closes a book year; it is held within the six months after it (UU 25/1992).
            found["rat_on"] = _("The RAT lies before the end of its book year. Check the year of the date.")
    return found


def contradictions(entry):
    """`{field: message}` of what cannot be true together in a return; the constraints are the second wall."""
    found = {}
    if entry.rat_held is not True and (entry.rat_on or entry.attendance is not None):
        field = "rat_on" if entry.rat_on else "attendance"
        found[field] = gettext("A date or an attendance needs the answer that the RAT was held.")
    men, women, total = entry.members_men, entry.members_women, entry.members
    if None not in (entry.attendance, total) and entry.attendance > total:
        found["attendance"] = gettext("More came to the RAT than there are members. Correct one of the two.")
    if None not in (men, women, total) and men + women != total and not entry.members_note:
        found["members_note"] = gettext(
            "Men (%(men)s) plus women (%(women)s) is %(sum)s, not %(total)s. Correct one of the three, or say why here."
        ) % {"men": men, "women": women, "sum": men + women, "total": total}
    if total is not None and None in (men, women) and max(men or 0, women or 0) > total:
        found["members"] = gettext("The total is smaller than one of its parts. Correct one of them.")
    return found
