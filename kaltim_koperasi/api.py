"""The API's addresses: read-only and public under /api/v1/, its schema and its documentation."""

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from assistance import api as assistance
from common.api import PublicView, site
from common.pages import public_page
from cooperatives import api as cooperatives
from figures import api as figures
from meetings import api as meetings
from progress import api as progress
from regions import api as regions
from reporting import api as reporting


class Index(PublicView):
    summary = _("Index")
    description = _("What there is: the addresses of everything else.")

    def data(self, request):
        base = site(request)
        return {name: base + reverse(f"api-{name}") for name in (*LISTS, *COMPUTED)} | {
            "schema": base + reverse("api-schema"),
            "docs": base + reverse("api-docs"),
        }


LISTS = {
    "cooperatives": cooperatives.CooperativeList,
    "returns": cooperatives.ReturnList,
    "regencies": regions.RegencyList,
    "territories": regions.TerritoryList,
    "indicators": figures.IndicatorList,
    "figures": figures.FigureList,
    "reports": reporting.ReportList,
    "forms": cooperatives.FormList,
    "kinds": cooperatives.KindList,
    "groups": cooperatives.GroupList,
    "sectors": cooperatives.SectorList,
    "aid-packages": assistance.PackageList,
    "aid-units": assistance.UnitList,
    "aid-programmes": assistance.ProgrammeList,
    "aid-kinds": assistance.KindList,
    "meetings": meetings.MeetingList,
    "follow-ups": meetings.FollowUpList,
    "progress-awards": progress.AwardList,
    "progress-rubrics": progress.RubricList,
    "progress-criteria": progress.CriterionList,
    "progress-snapshots": progress.SnapshotList,
}
# Computed for a day, and no list of records.
COMPUTED = {"progress-scorecard": progress.Scorecard, "progress-announced": progress.AnnouncedDay}
# Vocabularies stand together.
VOCABULARIES = {"forms", "kinds", "groups", "sectors"}


def _route(name):
    """Where a list lies: vocabularies together, aid and progress below their own words."""
    if name in VOCABULARIES:
        return f"vocabularies/{name}/"
    return f"{name.replace('aid-', 'aid/').replace('progress-', 'progress/')}/"


schema = SpectacularJSONAPIView.as_view()
docs = SpectacularSwaggerSplitView.as_view(
    url_name="api-schema", template_name="api/docs.html", template_name_js="api/docs.js"
)

urlpatterns = [
    path("v1/", Index.as_view(), name="api-index"),
    *(path(f"v1/{_route(name)}", view.as_view(), name=f"api-{name}") for name, view in (LISTS | COMPUTED).items()),
    path("v1/cooperatives/<int:pk>/", cooperatives.CooperativeDetail.as_view(), name="api-cooperative"),
    path("v1/regencies/<slug:slug>/", regions.RegencyDetail.as_view(), name="api-regency"),
    path("v1/territories/<slug:key>/", regions.TerritoryDetail.as_view(), name="api-territory"),
    path("v1/indicators/<slug:code>/", figures.IndicatorDetail.as_view(), name="api-indicator"),
    path("v1/reports/<int:pk>/", reporting.ReportDetail.as_view(), name="api-report"),
    path("v1/aid/packages/<int:pk>/", assistance.PackageDetail.as_view(), name="api-aid-package"),
    path("v1/meetings/<int:pk>/", meetings.MeetingDetail.as_view(), name="api-meeting"),
    path("v1/follow-ups/<int:pk>/", meetings.FollowUpDetail.as_view(), name="api-follow-up"),
    path("v1/progress/snapshots/<int:pk>/", progress.SnapshotDetail.as_view(), name="api-progress-snapshot"),
    path("schema/", public_page()(schema), name="api-schema"),
    path("docs/", public_page()(docs), name="api-docs"),
]
