"""The API itself: types that every database can store, and the document that says what there is."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from ninja import NinjaAPI, Schema
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from notifications.api import errors
from notifications.api.page import Page
from notifications.prose import text

LARGEST = 2**63 - 1
ALWAYS = (400, 401, 403, 429, 500)
"""What every operation may answer beside what it says itself."""
HEADERS = {
    "RateLimit-Limit": "So many requests of the narrowest limit may be sent in its time.",
    "RateLimit-Remaining": "So many of them are left.",
    "RateLimit-Reset": "In so many seconds they are all there again.",
}
PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["at", "message"],
                "properties": {
                    "at": {"type": "array", "items": {"type": "string"}},
                    "message": {"type": "string"},
                },
            },
        },
    },
}


def _storable(value: str) -> str:
    try:
        return text.storable(value)
    except ValidationError as error:
        raise PydanticCustomError("storable", str(error.messages[0])) from None


def _digits(value: Any) -> Any:
    """Refuse what else Python takes for a number: `1_000`, ` 1`, `1.0`."""
    if isinstance(value, str) and not (value.isascii() and value.isdecimal()):
        raise PydanticCustomError("int", "Write a whole number in digits.")
    return value


def _moment(value: Any) -> Any:
    """Refuse what else pydantic takes for a moment: numbers, and texts that look like them."""
    if isinstance(value, datetime) or (isinstance(value, str) and value[4:5] == "-"):
        return value
    raise PydanticCustomError("moment", "Write a moment as 2026-12-24T09:00:00+01:00.")


def _sound(value: datetime) -> datetime:
    """Refuse what no database stores: offsets beyond those of zones, and years at the ends of the calendar."""
    offset = value.utcoffset()
    if not (1970 <= value.year <= 9000) or offset is None or abs(offset.total_seconds()) > 15 * 3600:
        raise PydanticCustomError("moment", "That moment is too far away.")
    return value


STORABLE = AfterValidator(_storable)
"""Stands behind the bounds of every text: pydantic says them in the document only where they come first."""
Number = Annotated[int, Field(ge=0, le=LARGEST), BeforeValidator(_digits)]
"""A whole number in an address."""
Whole = Annotated[int, Field(strict=True, ge=0, le=LARGEST)]
"""A whole number in a body."""
Yes = Annotated[bool, Field(strict=True)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(_sound)]
Limit = Annotated[int, Field(ge=1, le=100), BeforeValidator(_digits)]
"""How much of a list is answered at once."""


class Given(Schema):
    """What a program sends: of what it does not say right, nothing is dropped in silence."""

    model_config = ConfigDict(extra="forbid")


class Document(OpenAPISchema):
    """The OpenAPI document, with the problems that operations may answer and the scopes that they need."""

    def operation_security(self, operation: Operation) -> list[Any] | None:
        found = super().operation_security(operation)
        scopes = [scope for auth in operation.auth_callbacks if (scope := getattr(auth, "scope", ""))]
        return found and [dict.fromkeys(each, scopes) for each in found]

    def responses(self, operation: Operation) -> Any:
        own = super().responses(operation)
        for said in own.values():
            said["headers"] = {
                name: {"description": what, "schema": {"type": "integer"}} for name, what in HEADERS.items()
            }
        return own | {status: problem(status) for status in _problems(operation) if status not in own}

    def get_components(self) -> Any:
        self.schemas["Problem"] = PROBLEM
        return super().get_components()


def problem(status: int) -> dict[str, Any]:
    """Return how the document says that an operation may answer a problem."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": HTTPStatus(status).phrase, "content": {errors.CONTENT_TYPE: {"schema": schema}}}


def _problems(operation: Operation) -> set[int]:
    sources = {model.__ninja_param_source__ for model in operation.models}
    found = set(ALWAYS)
    if "path" in sources:
        found.add(404)
    if sources:
        found.add(422)
    if sources & {"body", "form", "file"}:
        found |= {409, 413}
    return found


class Api(NinjaAPI):
    """An API whose errors are problems, and whose document says all that it answers."""

    def __init__(self, **named: Any) -> None:
        super().__init__(docs=Page(), **named)
        self._documents: dict[str, Document] = {}
        errors.handle(self)

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:
        # Made once: whoever asks for it need not be anybody.
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        return self._documents.get(prefix) or self._documents.setdefault(prefix, Document(self, prefix))

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    @property
    def urls(self) -> tuple[list[Any], str, str]:
        """Its addresses. They ask for a token and never lead to sign-in, besides the page for people."""
        patterns, app, namespace = super().urls
        for pattern in patterns:
            assert pattern.callback  # noqa: S101 - it has no addresses below it
            if pattern.name != "openapi-view":
                login_not_required(pattern.callback)
            if pattern.name == "api-root":
                # There is nothing there, and that is what is said of it, as of what else there is not.
                pattern.callback.csrf_exempt = True  # type: ignore[attr-defined]
        return patterns, app, namespace
