"""Time zones, by the names that people and browsers have for them."""

import re
from datetime import timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

LONGEST = 64
"""So many characters a name may have."""
OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(0?[0-9]|1[0-4]):?([0-5][0-9])?", re.ASCII)


def find(name: str) -> tzinfo | None:
    """Return the zone of this name, in whatever case and however old, or of an offset like +05:30; None of no zone."""
    name = name.strip()
    if key := _keys().get(name.replace(" ", "_").casefold()):
        return ZoneInfo(key)
    elif offset := OFFSET.fullmatch(name):
        sign, hours, minutes = offset[1], int(offset[2]), int(offset[3] or 0)
        ahead = timedelta(hours=hours, minutes=minutes)
        return timezone(ahead if sign == "+" else -ahead, f"{sign}{hours:02}:{minutes:02}")
    else:
        return None


@cache
def _keys() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}
