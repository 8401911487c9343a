"""The portal with two pages more: one that takes files, one that hands them back."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from files.models import GuardedFile
from files.receiving import FileRefused, receive
from files.serving import serve
from files.upload import limited_upload
from kaltim_koperasi import urls

handler500 = urls.handler500


@csrf_exempt
@limited_upload()
def send(request):
    try:
        kept = [receive(file, by=request.user) for file in request.FILES.getlist("file")]
    except FileRefused as refusal:
        return HttpResponse(refusal.code, status=400)
    return HttpResponse(" ".join(str(one.pk) for one in kept))


def fetch(request, pk):
    return serve(get_object_or_404(GuardedFile, pk=pk))


urlpatterns = [path("uji/kirim/", send, name="send"), path("uji/<int:pk>/", fetch, name="fetch"), *urls.urlpatterns]
