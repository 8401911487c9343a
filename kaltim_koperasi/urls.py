"""The addresses of the portal. Indonesian at /, English under /en/; the workspace and the API have one language."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from assistance import urls as assistance_urls
from meetings import urls as meeting_urls
from progress import urls as progress_urls
from reporting import urls as reporting_urls

urlpatterns = [
    path("", include("portal.probes")),
    path("", include("accounts.urls")),
    path("kerja/", include("portal.workspace_urls")),
    path("admin/", admin.site.urls),
    path("api/", include("kaltim_koperasi.api")),
    *i18n_patterns(
        path("", include("portal.urls")),
        path("koperasi/", include("cooperatives.urls")),
        path("bantuan/", include(assistance_urls.public_patterns)),
        path("rapat/", include(meeting_urls.public_patterns)),
        path("kemajuan/", include(progress_urls.public_patterns)),
        path("statistik/pelaporan/", include(reporting_urls.public_patterns)),
        path("statistik/", include("figures.urls")),
        prefix_default_language=False,
    ),
]

handler400 = "portal.errors.bad_request"
handler403 = "portal.errors.permission_denied"
handler404 = "portal.errors.page_not_found"
handler500 = "portal.errors.server_error"
