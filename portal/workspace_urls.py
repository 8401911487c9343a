"""The addresses of the workspace: signed in, Indonesian."""

from django.urls import include, path

from cooperatives.rat_grid import rat_grid
from portal.workspace import workspace

urlpatterns = [
    path("", workspace, name="workspace"),
    path("rat/", rat_grid, name="rat_grid"),
    path("impor/", include("imports.urls")),
]
