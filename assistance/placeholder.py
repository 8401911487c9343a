"""PLACEHOLDER: stands for pages that are made elsewhere."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse

from common.pages import public_page


@public_page()
def aid_package(request, pk):
    return HttpResponse("")


@permission_required("assistance.view_package", raise_exception=True)
def aid_record(request, pk):
    return HttpResponse("")
