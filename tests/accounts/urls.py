"""The sign-in with one page of each sort around it, so that its tests depend on nobody else's pages."""

from django.contrib import admin
from django.http import HttpResponse
from django.urls import include, path

from common.pages import public_page


def closed(request):
    return HttpResponse(f"closed to all but {request.user.username}")


@public_page()
def public(request):
    return HttpResponse("the same for everybody")


urlpatterns = [
    path("", public, name="home"),
    path("", include("accounts.urls")),
    path("kerja/", closed, name="workspace"),
    path("admin/", admin.site.urls),
]
