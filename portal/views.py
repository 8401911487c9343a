"""Pages that combine the apps below, and the few that say what the portal is."""

from django.shortcuts import render

from common.pages import public_page

SUBJECTS = ("cooperatives", "figures", "regions", "awards")


@public_page(*SUBJECTS)
def about(request):
    return render(request, "portal/about.html")


@public_page(*SUBJECTS)
def privacy(request):
    return render(request, "portal/privacy.html")


@public_page(*SUBJECTS)
def accessibility(request):
    return render(request, "portal/accessibility.html")
