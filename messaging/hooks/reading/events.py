"""JSON that no chat speaks, as readable text: what happened in a repository, else what it says, line by line."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from messaging.hooks.reading import marks
from messaging.hooks.reading.values import Object, first, objects, one, text

SUBJECTS = ("pull_request", "issue", "release", "discussion", "workflow_run", "check_run", "object_attributes")
MOST_LINES, MOST_COMMITS = 20, 10
LONGEST = 300
DEEPEST = 3


def read(found: Any, event: str = "") -> str:
    """Return what it says; `event` is what the sender's headers call it."""
    repository = one(one(found).get("repository") or one(found).get("project"))
    name = first(repository, "full_name", "path_with_namespace", "name")
    return _happened(found, name, event) if name else marks.joined(_lines(found))


def _happened(found: Object, repository: str, event: str) -> str:
    event = event or first(found, "object_kind", "event_name") or ("push" if "commits" in found else "")
    deed = " ".join(filter(None, [event.replace("_", " "), text(found.get("action"))])) or "event"
    sender = first(one(found.get("sender")), "login", "username") or first(one(found.get("user")), "username", "name")
    sender = sender or first(one(found.get("pusher")), "name") or first(found, "user_name")
    head = f"{marks.bold(marks.literal(repository))}: {marks.literal(deed)}"
    subjects = [_subject(one(found[name])) for name in SUBJECTS if name in found]
    branch = text(found.get("ref")).removeprefix("refs/heads/")
    return marks.joined(
        [
            " ".join(
                filter(None, [head, branch and marks.inline_code(branch), sender and marks.literal(f"by {sender}")])
            ),
            *subjects,
            *(_commit(each) for each in objects(found.get("commits"))[:MOST_COMMITS]),
            marks.literal(first(one(found.get("comment")), "body")[:LONGEST]),
        ]
    )


def _subject(found: Object) -> str:
    title = first(found, "title", "name", "tag_name")
    number = text(found.get("number") or found.get("iid"))
    end = first(found, "conclusion", "state")
    label = " ".join(filter(None, [number and f"#{number}", title]))
    return " ".join(filter(None, [marks.link(first(found, "html_url", "url"), label), marks.literal(end)]))


def _commit(found: Object) -> str:
    message = next(iter(first(found, "message").splitlines()), "")
    return f"- {marks.link(first(found, 'url'), text(found.get('id'))[:7])} {marks.literal(message)}"


def _lines(found: Any) -> list[str]:
    scalars = islice(_scalars(found, "", 0), MOST_LINES + 1)
    lines = [f"{marks.literal(name)}: {marks.literal(value)}" for name, value in scalars]
    return [*lines[:MOST_LINES], "…"] if len(lines) > MOST_LINES else lines


def _scalars(found: Any, name: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(found, dict | list) and depth < DEEPEST:
        pairs = found.items() if isinstance(found, dict) else enumerate(found, 1)
        for key, value in pairs:
            yield from _scalars(value, f"{name}.{key}".lstrip("."), depth + 1)
    elif value := " ".join(text(found).split())[:LONGEST]:
        yield name or "value", value
