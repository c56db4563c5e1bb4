"""LIKE for SQLite, whose own knows upper and lower case of English letters only."""

import re
from functools import lru_cache


def like(pattern: str | None, value: object, escape: str = "") -> bool | None:
    """Return whether a value is like the pattern, in whatever case, as PostgreSQL's ILIKE says it."""
    if pattern is None or value is None:
        return None
    return _compiled(pattern, escape).fullmatch(str(value).casefold()) is not None


@lru_cache(256)
def _compiled(pattern: str, escape: str) -> re.Pattern[str]:
    found, characters = "", iter(pattern)
    for each in characters:
        if each == escape:
            found += re.escape(next(characters, "").casefold())
        else:
            found += {"%": ".*", "_": "."}.get(each) or re.escape(each.casefold())
    return re.compile(found, re.DOTALL)
