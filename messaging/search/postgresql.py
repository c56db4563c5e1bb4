"""The index on PostgreSQL: tsvectors that we write ourselves, so no parser and no locale has a say in them."""

from collections.abc import Iterable
from typing import Any

from django.db import OperationalError, connection, transaction

from messaging.search.terms import Document, Phrase, Terms, chat_tag

WRITE = """
    INSERT INTO messaging_search (message_id, chat_id, words) VALUES (%s, %s, %s::tsvector)
    ON CONFLICT (message_id) DO UPDATE SET chat_id = excluded.chat_id, words = excluded.words
    WHERE (messaging_search.chat_id, messaging_search.words) IS DISTINCT FROM (excluded.chat_id, excluded.words)
"""
MISSING = """
    SELECT id FROM messaging_message AS message WHERE id > %s AND deleted_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM messaging_search WHERE message_id = message.id)
"""
FIND_NEW = """
    SELECT message_id FROM messaging_search WHERE message_id < %s AND message_id > %s AND words @@ %s::tsquery{among}
    ORDER BY message_id DESC LIMIT %s
"""
# OFFSET 0 keeps the planner from walking along the primary key, in the hope of meeting what is asked for soon.
FIND = """
    SELECT message_id FROM (
        SELECT message_id, chat_id FROM messaging_search WHERE words @@ %s::tsquery OFFSET 0
    ) AS found
    WHERE message_id < %s AND message_id > %s{among} ORDER BY message_id DESC LIMIT %s
"""
WALK = """
    SELECT message_id FROM messaging_search WHERE message_id < %s AND message_id > %s{among}
    ORDER BY message_id DESC LIMIT %s
"""
AMONG = " AND chat_id = ANY(%s)"
NEW = 20_000
"""So many of the newest messages are looked at one by one first: most of what is asked for is among them."""
MOST_TAGGED = 100
MOST_SHARE = 0.15
"""Of more chats than that, or with a greater share of all messages, the index is not asked: it would read too much."""
LONGEST = "2s"


class TooLong(Exception):
    """The search was given up: it would take longer than anybody waits."""


def keep_trigger() -> None:
    """Do nothing: migrations leave triggers where they are."""


def write(documents: Iterable[Document]) -> None:
    rows = [(each.pk, each.home, _vector(each)) for each in documents]
    with connection.cursor() as cursor:
        if len(rows) == 1:
            cursor.execute(WRITE, rows[0])
        else:
            cursor.executemany(WRITE, rows)


def forget(pk: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM messaging_search WHERE message_id = %s", [pk])


def missing(above: int) -> list[int]:
    """Return the messages newer than `above` that are not in the index."""
    with connection.cursor() as cursor:
        cursor.execute(MISSING, [above])
        return [pk for (pk,) in cursor.fetchall()]


def find(terms: Terms, limit: int) -> list[int]:
    """Return the primary keys of what the terms find, the newest first; raises TooLong."""
    homes = terms.scope.homes
    is_tagged = homes is None or (len(homes) <= MOST_TAGGED and terms.scope.share <= MOST_SHARE)
    query = _query(terms, is_tagged=is_tagged)
    among, chats = ("", []) if is_tagged or homes is None else (AMONG, [sorted(homes)])
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{LONGEST}'")
            if not query:
                # Much of what was said was said there, so some of it is soon met.
                cursor.execute(WALK.format(among=among), [terms.below, terms.above, *chats, limit])
                return _column(cursor)
            if terms.scope.messages >= NEW:
                start = max(terms.above, terms.below - NEW - 1)
                cursor.execute(FIND_NEW.format(among=among), [terms.below, start, query, *chats, limit])
                found = _column(cursor)
                if len(found) == limit or start == terms.above:
                    return found
            cursor.execute(FIND.format(among=among), [query, terms.below, terms.above, *chats, limit])
            return _column(cursor)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "57014":
            raise
        raise TooLong from error


def _column(cursor: Any) -> list[int]:
    return [pk for (pk,) in cursor.fetchall()]


def _vector(document: Document) -> str:
    places: dict[str, list[str]] = {}
    for place, word in enumerate(document.words, 1):
        places.setdefault(word, []).append(str(place))
    return " ".join(
        [*(f"'{word}':{','.join(found)}" for word, found in places.items()), *(f"'~{tag}'" for tag in document.tags)]
    )


def _query(terms: Terms, *, is_tagged: bool) -> str:
    asked = [*map(_phrase, terms.phrases), *map(_tags, terms.tags)]
    if is_tagged and terms.scope.homes is not None:
        asked.append(_tags(map(chat_tag, sorted(terms.scope.homes))))
    return " & ".join(asked)


def _phrase(phrase: Phrase) -> str:
    words = " <-> ".join(f"'{word}'" for word in phrase.words)
    return f"({words}{':*' if phrase.is_prefix else ''})"


def _tags(names: Iterable[str]) -> str:
    return "({})".format(" | ".join(f"'~{name}'" for name in names))
