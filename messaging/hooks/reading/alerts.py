"""Alertmanager's own JSON: one line for each alert."""

from messaging.hooks.reading import marks
from messaging.hooks.reading.values import Object, first, objects, one, text

MOST = 50
SIGNS = {"firing": "🔴", "resolved": "🟢"}


def is_meant(found: Object) -> bool:
    """Return whether it is that."""
    return bool(objects(found.get("alerts"))) and bool(found.keys() & {"commonLabels", "groupLabels", "receiver"})


def read(found: Object) -> str:
    """Return its alerts; of very many, how many more there are."""
    alerts = objects(found.get("alerts"))
    lines = [_line(each, found) for each in alerts[:MOST]]
    return marks.joined([*lines, f"… and {len(alerts) - MOST} more" if len(alerts) > MOST else ""])


def _line(alert: Object, group: Object) -> str:
    labels, notes = one(alert.get("labels")), one(alert.get("annotations"))
    status = text(alert.get("status")) or text(group.get("status"))
    name = first(labels, "alertname") or "alert"
    said = " ".join(first(notes, "summary", "description", "message").split())
    where = first(labels, "instance")
    title = marks.bold(marks.link(first(alert, "generatorURL"), name))
    rest = marks.literal(" ".join(filter(None, [where and f"({where})", said and f"– {said}"])))  # noqa: RUF001
    return f"{SIGNS.get(status, '⚪')} {marks.literal(status)} {title} {rest}".strip()
