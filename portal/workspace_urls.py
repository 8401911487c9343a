"""The addresses of the workspace: signed in, Indonesian."""

from django.urls import include, path

from assistance import urls as aid_urls
from cooperatives import own_register
from cooperatives.rat_grid import rat_grid
from meetings import urls as meeting_urls
from portal.workspace import workspace
from progress import urls as progress_urls
from reporting import urls as report_urls

urlpatterns = [
    path("", workspace, name="workspace"),
    path("rat/", rat_grid, name="rat_grid"),
    path("koperasi/", own_register.own_cooperatives, name="own_cooperatives"),
    path("koperasi/<int:pk>/", own_register.own_cooperative, name="own_cooperative"),
    path("koperasi/<int:pk>/kontak/", own_register.own_contacts, name="own_contacts"),
    path("koperasi/<int:pk>/laporan/<int:year>/", own_register.own_return, name="own_return"),
    path("koperasi/<int:pk>/usul-status/", own_register.propose_status, name="propose_status"),
    path("usul-status/", own_register.status_proposals, name="status_proposals"),
    path("usul-status/<int:pk>/putuskan/", own_register.decide_status, name="decide_status"),
    path("laporan/", include(report_urls.workspace)),
    path("bantuan/", include(aid_urls.workspace)),
    path("rapat/", include(meeting_urls.workspace)),
    path("kemajuan/", include(progress_urls.workspace_patterns)),
    path("impor/", include("imports.urls")),
    path("pemberitahuan/", include("notices.urls")),
]
