"""Notifications: lines in a person's inbox that show at once on whatever page they have open.

notify(user, "Backup finished", url="/backups/7/")
"""

from collections.abc import Collection
from typing import Any

from channels.db import database_sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from notifications.http import is_address
from notifications.inbox import bulk, kinds
from notifications.inbox.models.inbox import Inbox
from notifications.inbox.models.notification import Notification
from notifications.prose.text import one_line

MOST_PEOPLE = 1000


def notify(
    user: User, text: str, url: str = "", *, kind: str = kinds.NOTE, subject: str = "", key: str | None = None
) -> Notification:
    """Put a line into a person's inbox and show it on whatever page they have open.

    `subject` names the stream it is about: reading that marks it read, and what of the same kind is told about it
    before that is counted in the same row. With a `key`, calling again changes nothing. `text` is cut to what a line
    holds. ValueError for a `url` that is neither a path (`/…`) nor `http(s)://…`, and for a `kind` that there is not.
    """
    told = _tell([user.pk], text, url, kind, subject, key)
    which = {"pk": told[0].row} if told else {"occurrences__key": key, "inbox": user.pk}
    return Notification.objects.get(**which)


anotify = database_sync_to_async(notify)
"""`notify` for `async def`."""


def notify_many(user_pks: Collection[int], text: str, url: str = "", *, kind: str, subject: str, key: str) -> int:
    """Do what `notify` does for up to 1,000 people at once; return how many of them had not been told before.

    The number of queries does not grow with the people. Those who are away, deactivated or unknown do no harm: their
    pages fetch it when they come. ValueError as for `notify`, and for more people.
    """
    if len(user_pks) > MOST_PEOPLE:
        raise ValueError(f"At most {MOST_PEOPLE} people at once, not {len(user_pks)}.")
    active = get_user_model().objects.filter(pk__in=user_pks, is_active=True)
    return len(_tell(list(active.values_list("pk", flat=True)), text, url, kind, subject, key))


def unread(user: User, **which: Any) -> QuerySet[Notification]:
    """Return a person's unread notifications that match `which`."""
    return Notification.objects.unread().filter(inbox=user.pk, **which)


def mark_read(user: User, **which: Any) -> int:
    """Mark a person's unread notifications that match `which` as read on all their pages; return how many."""
    return Inbox.objects.of(user).mark_read(**which)


def rewrite(key: str, text: str, among: QuerySet[User] | None = None) -> None:
    """Give what was told under a key another text on all pages of those it was told to and who are `among` these."""
    _push_changes(bulk.rewrite_all(key, _line(text), among))


def forget(subjects: Collection[str], text: str) -> None:
    """Let nothing more be read of what was told about subjects that are gone: only this text, on all pages."""
    _push_changes(bulk.rewrite_subjects(subjects, _line(text)))


def _push_changes(user_pks: Collection[int]) -> None:
    # Rendered after the commit: until then the inboxes, and what the caller has locked before them, stay locked.
    if user_pks:
        changed = Inbox.objects.filter(pk__in=user_pks)[: bulk.PUSH_LIMIT + 1]
        transaction.on_commit(lambda: bulk.push_to_all(changed, "inbox_changed"), robust=True)


def _tell(user_pks: Collection[int], text: str, url: str, kind: str, subject: str, key: str | None) -> list[bulk.Told]:
    if kind not in kinds.names():
        raise ValueError(f"{kind!r} is no kind of notification; there are {', '.join(kinds.names())}.")
    if max(len(subject), len(key or "")) > _length("subject"):
        raise ValueError(f"A subject or key has at most {_length('subject')} characters.")
    if url and (not is_address(url) or len(url) > _length("url")):
        raise ValueError(f"A notification leads to a path or an http(s) address, not to {url[:100]!r}.")
    told = bulk.add_to_all(user_pks, key=key, text=_line(text), url=url, kind=kind, subject=subject)
    bulk.push_to_all([each.inbox for each in told], "notified")
    return told


def _line(text: str) -> str:
    return one_line(text, _length("text"))


def _length(field: str) -> int:
    found: Any = Notification._meta.get_field(field)
    return int(found.max_length)
