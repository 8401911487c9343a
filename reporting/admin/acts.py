"""What the acts of this app stand on: a question on a page of its own, in the admin's clothes."""

from django.template.response import TemplateResponse


def page(model_admin, request, title, form, **context):
    """The question; `original` is the record that it is about, if there is one."""
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title,
        "form": form,
        **context,
    }
    return TemplateResponse(request, "admin/reporting/act.html", context)
