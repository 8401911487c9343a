"""The API's addresses: read-only and public under /api/v1/, its schema and its documentation."""

urlpatterns = []
