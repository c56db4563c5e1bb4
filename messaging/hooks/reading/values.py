"""What stands in JSON, where anything may stand anywhere."""

import json
from typing import Any

Object = dict[str, Any]


def text(value: Any) -> str:
    """Return a scalar as text: nothing of null, of lists and of objects."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def first(found: Object, *names: str) -> str:
    """Return the first of these that is a text and not blank."""
    return next((value for name in names if isinstance(value := found.get(name), str) and value.strip()), "")


def objects(value: Any) -> list[Object]:
    """Return the objects of a list, or the one object that stands where a list should; whatever else is left out."""
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, dict)]


def one(value: Any) -> Object:
    """Return an object, an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def parsed(source: str) -> Any:
    """Return what JSON says; ValueError if it is none, or deeper or longer than anybody writes it."""
    try:
        return json.loads(source)
    except RecursionError as error:
        raise ValueError("too deep") from error
