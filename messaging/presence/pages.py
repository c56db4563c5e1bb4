"""The pages that people have open, and what follows from them: whether somebody is online, away or offline.

Nothing of it is in the database. A page says that it is looked at and says so again every 20 seconds, that it is out of
sight, or that it is left; what it said holds until a moment. A person's state is what their pages say together: online
while one of them is looked at, away while one is open, else offline. A person has a record beside their pages, which
says what others were told last; a change of that is told once.
"""

import time
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from django.core.cache import cache

ONLINE, AWAY, OFFLINE = "online", "away", "offline"
VISIBLE, HIDDEN, GONE = "visible", "hidden", "gone"
WAYS = (VISIBLE, HIDDEN, GONE)
"""What a page says of itself."""
VISIBLE_SECONDS = 35
"""So long it holds that a page is looked at: one word of it may be lost."""
GRACE_SECONDS = 8
"""So long who has left a page may take to be on the next one."""
AWAY_SECONDS = 600
"""So long somebody is away whose page is out of sight, and then offline: a page out of sight says nothing more."""
SURE_SECONDS = 25
"""So long after an outage of Redis nobody is taken for gone: by then each page that is looked at has said so again."""
KEPT_SECONDS = 24 * 3600
TRIES = 5
PEOPLE, WATCH = "presence:people", "presence:watch"

clock: Callable[[], float] = time.time
store: Any = cache
"""The site's shared cache, which has fields beside what Django's have."""


class Until(NamedTuple):
    """How long somebody is online, and how long they have a page open, in seconds of the clock."""

    online: float = 0.0
    open: float = 0.0

    def state(self, now: float) -> str:
        return ONLINE if self.online > now else AWAY if self.open > now else OFFLINE


class Record(NamedTuple):
    """What others were told of somebody last, and until when it holds."""

    said: str = OFFLINE
    until: Until = Until()

    def __str__(self) -> str:
        return f"{self.said} {self.until.online:.3f} {self.until.open:.3f}"


def note(user_pk: int, page: str, way: str, turn: int, tell: Callable[[int, str], None]) -> None:
    """Note what a page says of itself; `tell` is called if that changes the person's state.

    `turn` grows with each word of the page: what comes late is not heeded.
    """
    now = clock()
    is_sure(now)
    last_turn, until = _pages(user_pk, now).get(page, (-1, Until()))
    if turn <= last_turn:
        return
    seen = min(until.online, now + GRACE_SECONDS)
    said = {
        VISIBLE: Until(now + VISIBLE_SECONDS, now + VISIBLE_SECONDS),
        HIDDEN: Until(seen, now + AWAY_SECONDS),
        GONE: Until(seen, max(seen, now)),
    }[way]
    store.put_field(_key(user_pk), page, f"{turn} {said.online:.3f} {said.open:.3f}", 2 * AWAY_SECONDS)
    settle(user_pk, tell)


def forget(user_pk: int, tell: Callable[[int, str], None]) -> None:
    """Forget all pages of somebody, who is offline for everybody at once."""
    store.drop_fields(_key(user_pk), *store.fields(_key(user_pk)))
    settle(user_pk, tell)


def settle(user_pk: int, tell: Callable[[int, str], None]) -> None:
    """Bring somebody's record up to what their pages say, and tell of a change."""
    for _ in range(TRIES):
        now = clock()
        until = _until(user_pk, now)
        state = until.state(now)
        before = _record(store.put_field(PEOPLE, str(user_pk), str(Record(state, until)), KEPT_SECONDS))
        # Pages that were opened since the record ran out show what follows from that, and not what was said.
        if state != before.said or state != before.until.state(now):
            tell(user_pk, state)
        if state == OFFLINE:
            store.drop_fields(PEOPLE, str(user_pk))
        # Another page may have spoken meanwhile, and its record been written before this one.
        if _until(user_pk, now) == until:
            return


def sweep(tell: Callable[[int, str], None]) -> None:
    """Notice whose pages have fallen silent."""
    now = clock()
    if not is_sure(now):
        return
    for user_pk, written in store.fields(PEOPLE).items():
        record = _record(written)
        if record.until.state(now) != record.said:
            settle(int(user_pk), tell)


def states(user_pks: Collection[int]) -> dict[int, str]:
    """Return who of these is online, away or offline; offline ones only if that is sure."""
    now = clock()
    found = store.fields(PEOPLE, *map(str, user_pks)) if user_pks else {}
    known = {pk: _record(found.get(str(pk))).until.state(now) for pk in user_pks}
    return known if is_sure(now) else {pk: state for pk, state in known.items() if state != OFFLINE}


def online(user_pks: Collection[int]) -> set[int]:
    """Return who of these is online."""
    return {pk for pk, state in states(user_pks).items() if state == ONLINE}


def is_sure(now: float) -> bool:
    """Return whether what is known goes back far enough to say of anybody that they are gone.

    Redis may have been away, or may have come back with nothing: pages speak to it again only within 20 seconds.
    """
    watch = store.fields(WATCH)
    last, since = float(watch.get("last", 0)), float(watch.get("since", now))
    if now - last > SURE_SECONDS:
        since = now
        store.put_field(WATCH, "since", str(since), KEPT_SECONDS)
    if now - last > 1:
        store.put_field(WATCH, "last", str(now), KEPT_SECONDS)
    return now - since >= SURE_SECONDS


def _until(user_pk: int, now: float) -> Until:
    pages = [until for _, until in _pages(user_pk, now).values()]
    return Until(*(max((each[place] for each in pages), default=0.0) for place in (0, 1)))


def _pages(user_pk: int, now: float) -> dict[str, tuple[int, Until]]:
    """Return the last turn of each page of somebody's, and until when what it said holds; drop those long gone."""
    pages = {page: _said(written) for page, written in store.fields(_key(user_pk)).items()}
    # Not at once: a word that comes late is to be known for late.
    if gone := [page for page, (_, until) in pages.items() if until.open < now - VISIBLE_SECONDS]:
        store.drop_fields(_key(user_pk), *gone)
    return {page: said for page, said in pages.items() if page not in gone}


def _said(written: str) -> tuple[int, Until]:
    turn, seen, is_open = written.split()
    return int(turn), Until(float(seen), float(is_open))


def _record(written: str | None) -> Record:
    if written is None:
        return Record()
    said, seen, is_open = written.split()
    return Record(said, Until(float(seen), float(is_open)))


def _key(user_pk: int) -> str:
    return f"presence:pages:{user_pk}"
