"""Who leads and who supervises a cooperative."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.text import validate_clean

# What a term may begin or end with; longer or earlier is a slip of the keyboard.
FIRST_YEAR, LAST_YEAR = 1950, 2100


class BoardMember(models.Model):
    """A member of the board or the supervisors. Name, position and term are public, as on the Ministry's own
    page; phone and e-mail never are (UU 27/2022)."""

    class Position(models.TextChoices):
        CHAIR = "chair", _("Chair")
        VICE_CHAIR = "vice_chair", _("Vice chair")
        SECRETARY = "secretary", _("Secretary")
        TREASURER = "treasurer", _("Treasurer")
        MANAGER = "manager", _("Manager")
        SUPERVISOR_CHAIR = "supervisor_chair", _("Chair of the supervisors")
        SUPERVISOR = "supervisor", _("Supervisor")

    cooperative = models.ForeignKey(
        "cooperatives.Cooperative", models.CASCADE, related_name="board", verbose_name=_("cooperative")
    )
    name = models.CharField(_("name"), max_length=120, validators=[validate_clean])
    position = models.CharField(_("board position"), max_length=16, choices=Position.choices)
    term_from = models.PositiveSmallIntegerField(_("term from (year)"), null=True, blank=True)
    term_until = models.PositiveSmallIntegerField(_("term until (year)"), null=True, blank=True)
    phone = models.CharField(_("phone (private)"), max_length=30, blank=True)
    email = models.EmailField(_("e-mail (private)"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("board member")
        verbose_name_plural = _("board members")
        ordering = ["-term_from", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(term_from=None) | Q(term_until=None) | Q(term_until__gte=F("term_from")),
                name="term_ends_after_it_begins",
                violation_error_message=_("A term must not end before it begins."),
            ),
            models.CheckConstraint(
                condition=(Q(term_from=None) | Q(term_from__range=(FIRST_YEAR, LAST_YEAR)))
                & (Q(term_until=None) | Q(term_until__range=(FIRST_YEAR, LAST_YEAR))),
                name="term_has_years_of_four_digits",
                violation_error_message=_("The years of a term must lie between 1950 and 2100."),
            ),
        ]

    def __str__(self):
        return self.name
