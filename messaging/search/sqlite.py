"""The index on SQLite: a table of FTS5 with content of its own, which splits only at the spaces that we wrote."""

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection

from messaging.search.terms import Document, Phrase, Terms, chat_tag

WRITE = "INSERT OR REPLACE INTO messaging_search (rowid, words, tags) VALUES (%s, %s, %s)"
MISSING = """
    SELECT id FROM messaging_message AS message WHERE id > %s AND deleted_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM messaging_search WHERE rowid = message.id)
"""
FIND = """
    SELECT rowid FROM messaging_search WHERE messaging_search MATCH %s AND rowid < %s AND rowid > %s
    ORDER BY rowid DESC LIMIT %s
"""
WALK = "SELECT rowid FROM messaging_search WHERE rowid < %s AND rowid > %s ORDER BY rowid DESC LIMIT %s"
# CROSS keeps the order of the tables: the index first, by its own order.
FIND_AMONG = """
    SELECT found.rowid FROM messaging_search AS found
    CROSS JOIN messaging_message AS message ON message.id = found.rowid
    CROSS JOIN messaging_chat AS chat ON chat.id = message.chat_id
    WHERE found.messaging_search MATCH %s AND found.rowid < %s AND found.rowid > %s
    AND COALESCE(chat.parent_id, chat.id) IN (SELECT value FROM json_each(%s))
    ORDER BY found.rowid DESC LIMIT %s
"""
OTHERS = """
    SELECT id FROM messaging_chat WHERE kind != 'thread' AND id NOT IN (SELECT value FROM json_each(%s)) LIMIT %s
"""
TRIGGER = """
    CREATE TRIGGER IF NOT EXISTS messaging_search_forget AFTER DELETE ON messaging_message
    BEGIN DELETE FROM messaging_search WHERE rowid = old.id; END
"""
MOST_TAGGED = 300
"""So many chats are asked for in the index itself. For each of its candidates it walks through them."""
MOST_WITH_PHRASE = 100


def keep_trigger() -> None:
    """Have the index follow deletions; Django's migrations drop that whenever they make the messages' table anew."""
    with connection.cursor() as cursor:
        if "messaging_search" in connection.introspection.table_names(cursor):
            cursor.execute(TRIGGER)


def write(documents: Iterable[Document]) -> None:
    rows = [(each.pk, " ".join(each.words), " ".join(each.tags)) for each in documents]
    with connection.cursor() as cursor:
        cursor.executemany(WRITE, rows)


def forget(pk: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM messaging_search WHERE rowid = %s", [pk])


def missing(above: int) -> list[int]:
    """Return the messages newer than `above` that are not in the index."""
    with connection.cursor() as cursor:
        cursor.execute(MISSING, [above])
        return [pk for (pk,) in cursor.fetchall()]


def find(terms: Terms, limit: int) -> list[int]:
    """Return the primary keys of what the terms find, the newest first."""
    asked, homes = _asked(terms), terms.scope.homes
    bounds = [terms.below, terms.above]
    with connection.cursor() as cursor:
        narrowed = _narrowed(cursor, terms, asked)
        if narrowed is None:
            cursor.execute(FIND_AMONG, [asked, *bounds, json.dumps(sorted(homes or ())), limit])
        elif narrowed:
            cursor.execute(FIND, [narrowed, *bounds, limit])
        else:
            cursor.execute(WALK, [*bounds, limit])
        return [pk for (pk,) in cursor.fetchall()]


def _asked(terms: Terms) -> str:
    asked = []
    if terms.phrases:
        # AND has to be written: beside a column's name, words side by side are an error.
        asked.append(f"words : ({' AND '.join(map(_phrase, terms.phrases))})")
    return " AND ".join([*asked, *map(_tags, terms.tags)])


def _narrowed(cursor: Any, terms: Terms, asked: str) -> str | None:
    """Return what is asked for in these chats alone, None where too many would have to be named."""
    homes = terms.scope.homes
    if homes is None:
        return asked
    tags = map(chat_tag, sorted(homes))
    if not asked:
        # Each candidate is a hit, so even very many chats are walked through for a page only.
        return _tags(tags)
    has_phrase = any(len(phrase.words) > 1 for phrase in terms.phrases)
    most = MOST_WITH_PHRASE if has_phrase else MOST_TAGGED
    cursor.execute(OTHERS, [json.dumps(sorted(homes)), most + 1])
    others = [pk for (pk,) in cursor.fetchall()]
    if min(len(homes), len(others)) > most:
        return None
    elif len(homes) <= len(others):
        return f"{asked} AND {_tags(tags)}"
    elif others:
        return f"({asked}) NOT {_tags(map(chat_tag, others))}"
    else:
        return asked


def _phrase(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.words)}"{" *" if phrase.is_prefix else ""}'


def _tags(names: Iterable[str]) -> str:
    return f"tags : ({' OR '.join(names)})"
