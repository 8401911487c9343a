"""The public API's ground: open to everybody, read only, the same answer for everybody, known by its data version.

A view names its columns and hands over a queryset; everything that all addresses share stands here: pages by
key, `fields=`, refusals in words, marks that let a client ask "has it changed?", and the description for OpenAPI.
"""

import hashlib

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.decorators import method_decorator
from django.utils.http import http_date, quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import DateFilter, MultipleChoiceFilter, NumberFilter
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView, exception_handler

from common.columns import Kind, Reader
from common.models import DataVersion
from common.pages import KEEP_SECONDS, LARGEST_KEPT, release

ROWS = 50
MOST_ROWS = 100
# The largest key that either database holds.
LARGEST_KEY = 2**63 - 1

AFTER, LIMIT, FIELDS = "after", "limit", "fields"
SHARED = (AFTER, LIMIT, FIELDS)


class AnyOrigin:
    """Lets scripts of any site read /api/v1/: it knows no visitor, so another site can steal nothing."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.path_info.startswith("/api/v1/"):
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Expose-Headers"] = (
                "ETag, Last-Modified, Link, Retry-After, X-Row-Count, X-Request-ID"
            )
        return response


class AlwaysJson(BaseContentNegotiation):
    """The API speaks one form; what a client says it accepts changes nothing."""

    def select_parser(self, request, parsers):
        return parsers[0]

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class Gone(exceptions.APIException):
    status_code = 410
    default_detail = gettext_lazy("This record was taken out of the register.")


def refusal(exc, context):
    """The answer to an exception: one sentence, the request's number, and for parameters which and why."""
    response = exception_handler(exc, context)
    if response is None:
        return None  # A failure of ours: the site's own 500, JSON below /api/.
    body = {"detail": _refusal_text(exc), "request_id": getattr(context["request"], "request_id", "")}
    if isinstance(exc, exceptions.ValidationError):
        body["errors"] = exc.detail
    response.data = body
    response["Cache-Control"] = "no-store"
    return response


def _refusal_text(exc):
    if isinstance(exc, exceptions.ValidationError):
        return _("A parameter was not understood.")
    if isinstance(exc, exceptions.MethodNotAllowed):
        return _("This address can only be read (GET or HEAD).")
    if isinstance(exc, exceptions.Throttled):
        return _("Too many requests from your address. Ask again in %(seconds)s seconds.") % {"seconds": exc.wait or 60}
    if isinstance(exc, (exceptions.NotFound, Gone)):
        return str(exc.detail)
    # Django's own Http404 and PermissionDenied have no detail meant for the visitor.
    return str(getattr(exc, "detail", "")) or _("The page was not found.")


@method_decorator(login_not_required, name="dispatch")
class PublicView(APIView):
    """One address of the public API. A subclass gives `data(request, …)`: what is answered, as JSON knows it.

    `keys` are the data versions that the answer depends on. `columns` and `filterset_class` say what may be
    asked for; `parts` are lists inside a record, by name.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    content_negotiation_class = AlwaysJson
    http_method_names = ["get", "head", "options"]

    keys = ()
    columns = ()
    parts = {}
    filterset_class = None
    is_list = False
    summary = ""
    description = ""
    component = ""
    refusals = ()  # further status codes that it answers, for the schema

    def get(self, request, **kwargs):
        self._refuse_unknown(request)
        versions = DataVersion.read(*self.keys, "demo")
        mark = _mark(request, versions)
        etag = quote_etag(mark)
        response = get_conditional_response(request, etag=etag) or self._kept(request, mark, kwargs)
        if not isinstance(response, HttpResponseNotModified) and response.status_code != 200:
            return response
        response["ETag"] = etag
        if changed := max((changed for _number, changed in versions.values()), default=None):
            response["Last-Modified"] = http_date(int(changed.timestamp()))
        response["Cache-Control"] = "public, no-cache"
        return response

    def _kept(self, request, mark, kwargs):
        """The answer as it was kept for this mark, or made and kept now."""
        key = f"api:{mark}"
        if kept := cache.get(key):
            content, links = kept
        else:
            data = self.data(request, **kwargs)
            if isinstance(data, HttpResponse):
                return data
            content, links = JSONRenderer().render(data), _links(data) if self.is_list else None
            # Whoever reads the whole register page after page would only drive out what others ask for.
            if AFTER not in request.GET and len(content) <= LARGEST_KEPT:
                cache.set(key, (content, links), KEEP_SECONDS)
        return HttpResponse(content, content_type="application/json", headers=links)

    def options(self, request, *args, **kwargs):
        """What a browser asks before it sends If-None-Match from another site."""
        return HttpResponse(
            status=204,
            headers={
                "Allow": "GET, HEAD, OPTIONS",
                "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
                "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since",
                "Access-Control-Max-Age": "86400",
            },
        )

    def data(self, request, **kwargs):
        """What is answered; each view gives its own."""
        raise NotImplementedError

    # -- For subclasses ----------------------------------------------------------------------------

    def filtered(self, request, queryset):
        """The view's filter with what the address asks of it; refuses what it does not understand."""
        found = self.filterset_class(request.GET, queryset=queryset)
        if not found.is_valid():
            raise exceptions.ValidationError({name: [str(e) for e in errors] for name, errors in found.errors.items()})
        return found

    def page(self, request, queryset, columns=None, **options):
        """One page by key: at most `limit` rows after the key `after`, and the address of the next."""
        size = min(max(_number(request, LIMIT, ROWS), 1), MOST_ROWS)
        after = _number(request, AFTER, 0)
        wanted = self._wanted(request, columns or self.columns)
        reader = Reader(wanted, base=site(request), **options)
        # One row more than the page tells whether there is a next one, without counting anything.
        rows, keys = reader.page(queryset.filter(pk__gt=after).order_by("pk"), size + 1)
        following = None
        if len(rows) > size:
            rows, last = rows[:size], keys[size - 1]
            following = f"{site(request)}{request.path}?{_query(request, last)}"
        return {"next": following, "results": rows}

    def record(self, request, queryset, **parts):
        """One record with its lists; NotFound where the queryset is empty. `parts` are querysets by name."""
        names = {column.name for column in self.columns}
        asked = self._asked(request) or names | set(parts)
        wanted = [column for column in self.columns if column.name in asked]
        rows, _keys = Reader(wanted, base=site(request)).page(queryset, 1)
        if not rows:
            raise exceptions.NotFound(_("There is no such record."))
        return rows[0] | {
            name: Reader(self.parts[name], base=site(request)).page(rows_of, None)[0]
            for name, rows_of in parts.items()
            if name in asked
        }

    # -- What the address asks ---------------------------------------------------------------------

    @classmethod
    def parameters(cls):
        """The names of everything that may stand behind the question mark."""
        own = (SHARED if cls.is_list else (FIELDS,)) if cls.columns else ()
        return (*own, *(cls.filterset_class.base_filters if cls.filterset_class else ()))

    def _refuse_unknown(self, request):
        known = self.parameters()
        if unknown := [name for name in request.GET if name not in known]:
            text = _("There is no such parameter here. Known are: %(names)s.") % {"names": ", ".join(known)}
            raise exceptions.ValidationError({name[:100]: [text] for name in unknown[:5]})
        # A script whose variable is empty would otherwise get everything, and believe that it was what it asked for.
        if empty := [name for name, values in request.GET.lists() if not all(value.strip() for value in values)]:
            raise exceptions.ValidationError({name: [_("This parameter is empty. Leave it out.")] for name in empty})

    def _asked(self, request):
        """The fields that `fields=` names, or an empty set; refuses a name that there is not."""
        asked = {name.strip() for part in request.GET.getlist(FIELDS) for name in part.split(",") if name.strip()}
        known = [column.name for column in self.columns] + list(self.parts)
        if (unknown := sorted(asked - set(known))) or (FIELDS in request.GET and not asked):
            wrong = unknown[0][:100] if unknown else ""
            text = _("There is no field “%(name)s”. Known are: %(names)s.") % {"name": wrong, "names": ", ".join(known)}
            raise exceptions.ValidationError({FIELDS: [text]})
        return asked

    def _wanted(self, request, columns):
        asked = self._asked(request)
        return [column for column in columns if column.name in asked] if asked else columns


def site(request):
    return request.build_absolute_uri("/")[:-1]


def _number(request, name, default):
    """A whole number of the address, held within what a database can look for."""
    text = request.GET.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()):
        raise exceptions.ValidationError({name: [_("Write a whole number, for example 100.")]})
    # A number of a thousand digits is not even read.
    return min(int(text[:25]), LARGEST_KEY) if len(text.lstrip("0")) <= 19 else LARGEST_KEY


def _query(request, after):
    query = request.GET.copy()
    query[AFTER] = str(after)
    return query.urlencode()


def _links(data):
    return {"Link": f'<{data["next"]}>; rel="next"'} if data.get("next") else None


def _mark(request, versions):
    """What the answer depends on, in short: address, day, release and data versions."""
    parts = (
        site(request),
        request.get_full_path(),
        timezone.localdate(),
        sorted((key, number) for key, (number, _changed) in versions.items()),
        release(),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


# -- OpenAPI ------------------------------------------------------------------------------------------

_TYPES = {
    Kind.TEXT: {"type": "string"},
    Kind.COUNT: {"type": "integer", "format": "int64"},
    Kind.DECIMAL: {"type": "number", "format": "double"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.MOMENT: {"type": "string", "format": "date-time"},
    Kind.FLAG: {"type": "boolean"},
    Kind.LINK: {"type": "string", "format": "uri"},
}
_REFUSALS = {
    304: gettext_lazy("Nothing has changed since the ETag that was sent."),
    400: gettext_lazy("A parameter was not understood; `errors` says which and why."),
    404: gettext_lazy("There is no such record."),
    410: gettext_lazy("The record was voided: a wrong entry, in no count any more."),
    429: gettext_lazy("Too many requests from one address; `Retry-After` says how many seconds to wait."),
    301: gettext_lazy("The record was merged with another of the same cooperative; `Location` leads there."),
}


class PublicSchema(AutoSchema):
    """Describes a PublicView from its columns and its filter."""

    def get_operation(self, path, path_regex, path_prefix, method, registry):
        self.path, self.path_regex, self.path_prefix, self.method, self.registry = (
            path,
            path_regex,
            path_prefix,
            method.upper(),
            registry,
        )
        view = self.view
        if not isinstance(view, PublicView):
            return super().get_operation(path, path_regex, path_prefix, method, registry)
        tokens = self._tokenize_path()
        codes = [304, 400, 429, *([404] if "{" in path else []), *view.refusals]
        error = self._component("Refusal", _REFUSAL_SCHEMA)
        return {
            "operationId": "_".join([*tokens, "list"] if view.is_list else tokens or ["index"]),
            "summary": str(view.summary),
            "description": str(view.description),
            "tags": tokens[:1] or ["index"],
            "parameters": [*self._path_parameters(), *_parameters(view)],
            "responses": {
                "200": {"description": "OK", "headers": _headers(view), **_json_body(self._answer(view))},
                **{
                    str(code): {"description": str(_REFUSALS[code])} | ({} if code == 304 else _json_body(error))
                    for code in sorted(codes)
                },
            },
        }

    def _path_parameters(self):
        known = {"id": {"type": "integer", "format": "int64", "minimum": 1}}
        names = [part[1:-1] for part in self.path.split("/") if part.startswith("{")]
        return [
            {"in": "path", "name": name, "required": True, "schema": known.get(name, {"type": "string"})}
            for name in names
        ]

    def _answer(self, view):
        if not view.columns:
            return {"type": "object"}
        properties = {column.name: _type(column) for column in view.columns}
        for name, columns in view.parts.items():
            of_part = {"type": "object", "properties": {column.name: _type(column) for column in columns}}
            properties[name] = {"type": "array", "items": of_part}
        row = self._component(view.component, {"type": "object", "properties": properties})
        if not view.is_list:
            return row
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": "string", "format": "uri", "nullable": True},
                "results": {"type": "array", "maxItems": MOST_ROWS, "items": row},
            },
        }

    def _component(self, name, schema):
        component = ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, schema=schema, object=name)
        self.registry.register_on_missing(component)
        return component.ref


_REFUSAL_SCHEMA = {
    "type": "object",
    "required": ["detail", "request_id"],
    "properties": {
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
}


def _type(column):
    schema = {**_TYPES[column.kind], "title": str(column.label)}
    return schema if column.name == "id" else {**schema, "nullable": True}


def _json_body(schema):
    return {"content": {"application/json": {"schema": schema}}}


def _headers(view):
    text = {"schema": {"type": "string"}}
    return {"ETag": text, "Last-Modified": text, **({"Link": text} if view.is_list else {})}


def _parameters(view):
    """The description of every parameter that the view knows."""
    number = {"type": "integer", "minimum": 0}
    described = {
        AFTER: (number, _("Rows after this id; take it from `next`.")),
        LIMIT: (number, _("Rows a page, at most %(most)s.") % {"most": MOST_ROWS}),
        FIELDS: (
            {"type": "array", "items": {"type": "string", "enum": [c.name for c in view.columns] + list(view.parts)}},
            _("Only these fields, separated by commas."),
        ),
    }
    found = []
    for name in view.parameters():
        if name in described:
            schema, text = described[name]
        else:
            one = view.filterset_class.base_filters[name]
            schema = _filter_schema(one)
            text = ". ".join(str(part) for part in (one.label, one.extra.get("help_text")) if part)
        found.append(
            {
                "in": "query",
                "name": name,
                "schema": schema,
                "description": text,
                **({"style": "form", "explode": name != FIELDS} if schema.get("type") == "array" else {}),
            }
        )
    return found


def _filter_schema(one):
    """What a filter takes. Choices that stand in the database are not listed: the schema is the same everywhere."""
    choices = one.extra.get("choices")
    schema = {"type": "string"}
    if isinstance(choices, list):
        schema["enum"] = [value for value, _label in choices]
    if isinstance(one, MultipleChoiceFilter):
        return {"type": "array", "items": schema}
    if isinstance(one, NumberFilter):
        return {"type": "integer", **_limits(one, minimum="min_value", maximum="max_value")}
    if isinstance(one, DateFilter):
        return {"type": "string", "format": "date"}
    return schema if choices else {**schema, "minLength": 1, **_limits(one, maxLength="max_length")}


def _limits(one, **names):
    return {name: one.extra[extra] for name, extra in names.items() if one.extra.get(extra) is not None}
