"""The API's page for people: what its document says, as HTML that loads nothing but the site's own style."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase


class Page(DocsBase):
    """Shows the operations by their tags, and the forms of what is sent and answered."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        document = api.get_openapi_schema(path_params=kwargs)
        groups: dict[str, list[dict[str, Any]]] = {}
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                groups.setdefault(operation["tags"][0], []).append(_shown(path, method, operation))
        forms = [_form(name, form) for name, form in sorted(document["components"]["schemas"].items())]
        context = {"info": document["info"], "groups": groups, "forms": forms}
        return render(request, "notifications/api/page.html", context)


def _shown(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    answers = [
        {"status": status, "description": said["description"], "form": _form_of(said)}
        for status, said in sorted(operation["responses"].items())
    ]
    (security,) = operation["security"]
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "description": operation["description"],
        "scope": ", ".join(scope for scopes in security.values() for scope in scopes),
        "parameters": [{**each, "type": _type(each["schema"])} for each in operation["parameters"]],
        "sent": _fields(operation),
        "answers": answers,
    }


def _fields(operation: dict[str, Any]) -> dict[str, Any] | None:
    """Return what is sent: the name of its form, or the fields of a form without a name."""
    for content_type, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = content["schema"]
        return {"content_type": content_type, "form": _name(schema), **_form("", schema)}
    return None


def _form_of(said: dict[str, Any]) -> str:
    contents = said.get("content", {}).values()
    return next((_name(content["schema"]) for content in contents if "schema" in content), "")


def _form(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    required = schema.get("required", [])
    fields = [
        {
            "name": field,
            "type": _type(said),
            "is_required": field in required,
            "description": said.get("description", ""),
            "default": said.get("default"),
        }
        for field, said in schema.get("properties", {}).items()
    ]
    return {"name": name, "description": schema.get("description", ""), "fields": fields}


def _name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _type(schema: dict[str, Any]) -> str:
    """Return in words what a value may be."""
    if name := _name(schema):
        return name
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f"“{each}”" for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    bounds = [str(schema[bound]) for bound in ("minimum", "maximum") if bound in schema and schema[bound] < 2**53]
    size = f", {schema['maxLength']} characters at most" if "maxLength" in schema else ""
    within = f" from {' to '.join(bounds)}" if bounds else ""
    return f"{schema.get('format') or schema.get('type', 'anything')}{within}{size}"
