"""What may be asked of meetings and of follow-ups: one FilterSet each for page, file, API and workspace."""

from functools import cached_property

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.dates import today
from cooperatives.filters import EMPTY, LONGEST_TEXT, Year, refuse_citizen_number, refuse_wordless
from meetings.models import FollowUp, Meeting, Round
from meetings.models.follow_up import LATE, STATES
from meetings.steps import OPEN, Promise, Status
from regions.models import Regency

UPCOMING = "berikutnya"
CHOICE = {"error_messages": {"invalid_choice": _("“%(value)s” is not among the values of this filter.")}}
# The word of the address for each state of a follow-up, and back.
WORDS = [(word, label) for word, label in STATES.values()]


class _Filter(django_filters.FilterSet):
    """Every parameter may be missing. What is not understood is left out of the answer and named in `errors`."""

    def __init__(self, data=None, *args, **kwargs):
        super().__init__({} if data is None else data, *args, **kwargs)
        for param, choices in self.known.items():
            if param in self.filters:
                self.filters[param].extra["choices"] = choices

    @cached_property
    def known(self):
        """`{parameter: [(value, label)]}` of the choices that the database holds, in two queries."""
        regencies = list(Regency.objects.order_by("name").values_list("slug", "name"))
        rounds = [(one.slug, str(one)) for one in Round.objects.all()]
        return {"wilayah": self.more_regencies + regencies, "putaran": rounds}

    more_regencies: list = []

    @property
    def asked(self):
        """`{parameter: value}` of all that was understood and not left empty."""
        self.errors  # noqa: B018  Reading the errors is what makes the form clean its data.
        return {name: value for name, value in self.form.cleaned_data.items() if value not in (None, "")}


class MeetingFilter(_Filter):
    q = django_filters.CharFilter(
        method="of_text",
        label=_("Title, place or regency"),
        max_length=LONGEST_TEXT,
        validators=[refuse_citizen_number, refuse_wordless],
    )
    wilayah = django_filters.ChoiceFilter(method="of_regency", label=_("Participating regency"), choices=list, **CHOICE)
    putaran = django_filters.ChoiceFilter(
        field_name="round__slug", label=_("Round of meetings"), choices=list, **CHOICE
    )
    tahun = Year(field_name="listed_on__year", label=_("Year"))
    status = django_filters.ChoiceFilter(
        method="of_status", label=_("Status"), choices=[(UPCOMING, _("Still to come")), *Status.choices], **CHOICE
    )

    class Meta:
        model = Meeting
        fields = []

    def of_text(self, queryset, _name, value):
        return queryset.matching(value)

    def of_regency(self, queryset, _name, value):
        return queryset.filter(regencies__slug=value)

    def of_status(self, queryset, _name, value):
        if value == UPCOMING:
            return queryset.filter(status=Status.PLANNED, starts_on__gte=today())
        return queryset.filter(status=value)


class FollowUpFilter(_Filter):
    more_regencies = [(EMPTY, _("(the province's office)"))]

    q = django_filters.CharFilter(
        method="of_text",
        label=_("What was agreed"),
        max_length=LONGEST_TEXT,
        validators=[refuse_citizen_number, refuse_wordless],
    )
    wilayah = django_filters.ChoiceFilter(method="of_regency", label=_("Responsible"), choices=list, **CHOICE)
    putaran = django_filters.ChoiceFilter(
        field_name="meeting__round__slug", label=_("Round of meetings"), choices=list, **CHOICE
    )
    tahun = Year(field_name="meeting__listed_on__year", label=_("Year of the meeting"))
    keadaan = django_filters.ChoiceFilter(method="of_state", label=_("State"), choices=WORDS, **CHOICE)

    class Meta:
        model = FollowUp
        fields = []

    def of_text(self, queryset, _name, value):
        return queryset.matching(value)

    def of_regency(self, queryset, _name, value):
        return queryset.filter(regency=None) if value == EMPTY else queryset.filter(regency__slug=value)

    def of_state(self, queryset, _name, value):
        return queryset.filter(state_of(value))


def state_of(word):
    """The condition of one state, by its word in the address."""
    if word == STATES[LATE][0]:
        return Q(status__in=OPEN, due_on__lt=today())
    if word == STATES[Promise.OPEN.value][0]:
        return Q(status__in=OPEN, due_on__gte=today())
    return Q(status=next(key for key, (known, _label) in STATES.items() if known == word))
