"""What is found, by whom, and what never is: the same on every database."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from messaging.accounts.models.time_zone import TimeZone
from messaging.chats.models.posting import Addition
from messaging.messages.models import Message
from messaging.models import Chat, Indexing
from messaging.pins.models import pin, unpin
from messaging.search import index, postgresql, sqlite
from messaging.search.asking import Asked, read
from messaging.search.finding import Found, search
from messaging.search.terms import Phrase
from messaging.threads.answering import thread_of
from tests.messaging.search.cases import CASES

pytestmark = pytest.mark.django_db


def ask(user: User, typed: str, **more: Any) -> list[str]:
    return [message.body for message in search(user, read(typed), **more).messages]


def indexed() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM messaging_search")
        return int(cursor.fetchone()[0])


def test_the_table_of_cases(private: Chat, alice: User) -> None:
    pks = {text: private.post(alice, text).pk for _, text, _ in CASES}
    wrong = [
        (typed, text, is_found)
        for typed, text, is_found in CASES
        if (pks[text] in {each.pk for each in search(alice, read(typed), limit=1000).messages}) is not is_found
    ]
    assert wrong == []


def test_the_newest_come_first_and_go_on_page_by_page(private: Chat, alice: User) -> None:
    for number in range(7):
        private.post(alice, f"apple {number}")
    pages, before = [], None
    while True:
        found = search(alice, read("apple"), before, limit=3)
        pages.append([message.body[-1] for message in found.messages])
        if found.next is None:
            break
        before = found.next
    assert pages == [["6", "5", "4"], ["3", "2", "1"], ["0"]]


def test_only_what_one_may_read_is_found(private: Chat, room: Chat, alice: User, bob: User, carol: User) -> None:
    private.post(alice, "secret apple")
    room.post(alice, "open apple")
    Chat.objects.direct([alice, bob]).post(bob, "direct apple")
    thread_of(private.messages.get()).post(bob, "thread apple")
    everything = {"secret apple", "open apple", "direct apple", "thread apple"}
    assert set(ask(alice, "apple")) == set(ask(bob, "apple")) == everything
    assert ask(carol, "apple") == ["open apple"]
    private.release(bob)
    assert set(ask(bob, "apple")) == {"open apple", "direct apple"}
    private.invite(carol, alice)
    assert set(ask(carol, "apple")) == {"secret apple", "open apple", "thread apple"}
    assert ask(carol, f"in:{alice.username} apple") == ask(carol, "from:bob in:bob apple") == []


def test_who_is_banned_from_an_open_room_finds_nothing_of_it(room: Chat, alice: User, bob: User) -> None:
    room.admit(bob)
    room.post(alice, "apple")
    assert ask(bob, "apple") == ["apple"]
    room.ban(bob, alice)
    assert ask(bob, "apple") == ask(bob, f'in:"{room.name}" apple') == ask(bob, f"in:#{room.pk}") == []


def test_edits_and_deletions_are_followed_at_once(private: Chat, alice: User) -> None:
    message = private.post(alice, "apple")
    message.edit("pear")
    assert (ask(alice, "apple"), ask(alice, "pear")) == ([], ["pear"])
    message.delete_body()
    assert ask(alice, "pear") == []
    assert indexed() == 0


def undone(change: Callable[[], object]) -> None:
    with transaction.atomic():
        change()
        transaction.set_rollback(True)


def test_what_is_undone_was_never_indexed(private: Chat, alice: User) -> None:
    undone(lambda: private.post(alice, "apple"))
    assert indexed() == 0
    message = private.post(alice, "apple")
    undone(lambda: message.edit("pear"))
    assert (ask(alice, "apple"), ask(alice, "pear")) == (["apple"], [])


def test_a_chat_that_is_deleted_leaves_nothing_in_the_index(private: Chat, alice: User, bob: User) -> None:
    thread_of(private.post(alice, "apple")).post(bob, "pear")
    assert indexed() == 2
    private.delete()
    assert indexed() == 0


def test_operators_narrow_the_search(private: Chat, room: Chat, alice: User, bob: User) -> None:
    private.post(alice, "apple of alice")
    room.post(bob, "apple of bob, see https://example.org")
    direct = Chat.objects.direct([alice, bob])
    direct.post(bob, "apple for alice")
    assert ask(alice, "from:alice apple") == ask(alice, "apple from:me") == ["apple of alice"]
    assert ask(alice, "FROM:@Bob apple") == ["apple for alice", "apple of bob, see https://example.org"]
    assert len(ask(alice, "apple from:bob from:alice")) == 3
    assert ask(alice, f'in:"{private.name}" apple') == ["apple of alice"]
    assert ask(alice, f"in:#{private.pk}") == ["apple of alice"]
    assert ask(alice, "in:bob") == ask(bob, "in:alice apple") == ["apple for alice"]
    assert ask(alice, "has:link") == ask(alice, f"in:#{room.name.lower()} has:links") == [room.messages.get().body]
    assert ask(alice, "from:alice from:nobody apple") == ["apple of alice"]
    assert search(alice, read("from:nobody in:nowhere apple")).unknown == ("nobody", "nowhere")
    assert ask(alice, "from:nobody apple") == ask(alice, "in:nowhere apple") == []


def test_names_with_spaces_stand_in_quotes(private: Chat, alice: User, bob: User) -> None:
    bob.first_name = "Bob the Builder"
    bob.save()
    private.post(bob, "apple")
    private.post(alice, "apple pie")
    assert ask(alice, 'from:"bob the builder" apple') == ask(alice, "from:“Bob the Builder”") == ["apple"]


def test_very_many_names_are_looked_up_at_once_and_no_more_than_ten(private: Chat, alice: User) -> None:
    private.post(alice, "apple")
    counts = []
    for typed in (
        "in:x,y",
        "from:x in:y,z",
        "".join(f"in:{','.join(f'{n}x{m}' for m in range(20))} " for n in range(16)),
    ):
        with CaptureQueriesContext(connection) as asked:
            assert ask(alice, typed) == []
        counts.append(len(asked))
    assert max(counts) <= counts[0] <= 6
    tenth = " ".join(f"from:nobody{number}" for number in range(9))
    assert ask(alice, f"{tenth} from:alice") == ["apple"]
    assert ask(alice, f"from:nobody {tenth} from:alice") == []
    # Nothing is found in more places than was asked for.
    assert ask(alice, f"{tenth} from:alice in:Launch") == []


def test_a_number_behind_the_sign_is_a_chats_before_it_is_a_name(private: Chat, alice: User) -> None:
    private.post(alice, "apple")
    plain, signed = (Chat.objects.start(alice, f"{sign}{private.pk}", Chat.Kind.PRIVATE) for sign in ("", "#"))
    plain.post(alice, "pear")
    signed.post(alice, "plum")
    assert ask(alice, f"in:#{private.pk}") == ["apple"]
    assert ask(alice, f"in:{private.pk}") == ["pear"]
    year = Chat.objects.start(alice, "2027", Chat.Kind.PRIVATE)
    year.post(alice, "cherry")
    assert ask(alice, "in:#2027") == ask(alice, "in:2027") == ["cherry"]


def test_names_of_accounts_that_are_gone_are_known_to_who_can_read_what_they_said(
    private: Chat, alice: User, bob: User, carol: User
) -> None:
    message = private.post(bob, "apple")
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert ask(alice, "from:bob") == ["apple"]
    assert search(alice, read("from:bob pear")) == Found([])
    # As one that never was.
    for typed in ("from:bob", "from:@BOB apple"):
        assert search(carol, read(typed)) == Found([], unknown=(typed.split()[0][5:],))
    message.delete_body()
    assert search(alice, read("from:bob")) == Found([], unknown=("bob",))
    assert search(alice, read("from:carol")) == Found([])


def test_what_is_pinned_is_known_as_long_as_it_is(private: Chat, alice: User) -> None:
    message = private.post(alice, "apple")
    private.post(alice, "apple too")
    stale = Message.objects.select_related("chat").get(pk=message.pk)
    message.edit("pear")
    pin(stale, alice)
    assert ask(alice, "is:pinned") == ask(alice, "pear is:pinned") == ["pear"]
    assert ask(alice, "apple is:pinned") == []
    unpin(stale, alice)
    assert ask(alice, "is:pinned") == []
    assert ask(alice, "pear") == ["pear"]


def test_files_are_found_by_their_names(private: Chat, alice: User, attached: Callable[..., Message]) -> None:
    attached("", name="budget 2027.pdf")
    private.post(alice, "budget")
    assert ask(alice, "has:file") == ask(alice, "budget has:files") == ask(alice, '"budget 2027"') == [""]
    assert ask(alice, "budget") == ["budget", ""]


@pytest.fixture
def attached(private: Chat, alice: User) -> Callable[..., Message]:
    """Return what posts a message with a file."""

    class File(Addition):
        name = "files"
        is_enough = True

        def __init__(self, called: str) -> None:
            self.called = called

        def value(self, chat: Any, author: User) -> Any:
            return [{"key": "k" * 20, "name": self.called, "alt": "", "kind": "file"}]

    def post(text: str, name: str) -> Message:
        message: Message = private.post(alice, text, additions=[File(name)])
        return message

    return post


def test_days_are_those_of_whoever_asks(private: Chat, alice: User, bob: User) -> None:
    TimeZone.objects.create(user=alice, chosen="Asia/Tokyo")
    TimeZone.objects.create(user=bob, chosen="America/New_York")
    moments = [(27, 14, 59), (27, 15, 1), (28, 14, 59), (28, 15, 1)]
    for day, hour, minute in moments:
        message = private.post(alice, f"apple {day} {hour}:{minute:02}")
        Message.objects.filter(pk=message.pk).update(created_at=datetime(2026, 11, day, hour, minute, tzinfo=UTC))
    assert ask(alice, "apple after:2026-11-27 before:2026-11-29") == ["apple 28 14:59", "apple 27 15:01"]
    assert ask(alice, "after:2026-11-28") == ["apple 28 15:01"]
    assert ask(alice, "before:2026-11-28") == ["apple 27 14:59"]
    assert ask(bob, "before:2026-11-28") == ["apple 27 15:01", "apple 27 14:59"]
    assert ask(bob, "after:2026-11-28 apple") == []


@pytest.mark.parametrize("typed", ["before:0001-01-01", "after:9999-12-31", "after:0001-01-01", "before:9999-12-31"])
def test_the_ends_of_the_calendar_are_days(private: Chat, alice: User, typed: str) -> None:
    TimeZone.objects.create(user=alice, chosen="Asia/Tokyo")
    private.post(alice, "apple")
    assert ask(alice, typed) == (["apple"] if typed in ("after:0001-01-01", "before:9999-12-31") else [])


def test_what_is_typed_is_read() -> None:
    assert read("") == read('  "" !') == read("from: ") == Asked() or read("from: ").phrases
    assert read('foo "bar baz" qu') == Asked(
        (Phrase(("foo",)), Phrase(("bar", "baz")), Phrase(("qu",), is_prefix=True))
    )
    assert read("foo from:alice").phrases == (Phrase(("foo",), is_prefix=True),)
    assert read('"foo bar"').phrases == (Phrase(("foo", "bar")),)
    assert read("has:cake").phrases == (Phrase(("has", "cake"), is_prefix=True),)
    assert read("before:tomorrow after:2026-13-01 after:20261128").after is None
    assert sum(len(phrase.words) for phrase in read("word " * 900).phrases) == 40


@pytest.mark.parametrize("engine", [sqlite, postgresql])
def test_every_way_to_ask_gives_the_same(
    private: Chat, room: Chat, alice: User, bob: User, engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        (private if number % 2 else room).post(alice, f"apple {number}")
        Chat.objects.start(bob, f"bob's {number}", Chat.Kind.PRIVATE).post(bob, "apple of bob")
    expected = [f"apple {number}" for number in reversed(range(6))]
    ways = [{"MOST_TAGGED": 0, "MOST_WITH_PHRASE": 0}, {"MOST_TAGGED": 100, "MOST_WITH_PHRASE": 100}]
    for way in ways:
        for name, value in (way | {"NEW": 3, "MOST_SHARE": 1.0}).items():
            monkeypatch.setattr(engine, name, value, raising=False)
        assert ask(alice, "apple") == ask(alice, "from:alice") == ask(alice, "after:2020-01-01") == expected
        assert [ask(alice, f'"apple {number}"') for number in range(6)] == [[each] for each in reversed(expected)]
        assert ask(alice, "apple", limit=2) == expected[:2]
        # Nothing but where and when.
        assert ask(alice, f"in:#{private.pk}") == ask(alice, f"in:{private.name}") == expected[::2]
        assert ask(alice, f"in:#{private.pk} in:#{room.pk}") == ask(alice, "after:2020-01-01") == expected
        assert ask(alice, "before:9999-12-31", limit=2) == expected[:2]


@pytest.mark.parametrize("typed", ["apple", "in:Launch", "before:9999-12-31", "after:2020-01-01"])
@pytest.mark.parametrize("is_alone", [True, False])
def test_whatever_is_asked_for_may_take_too_long(
    private: Chat, alice: User, bob: User, typed: str, is_alone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(*args: Any) -> list[int]:
        raise postgresql.TooLong

    private.post(alice, "apple")
    if not is_alone:
        Chat.objects.start(bob, "Bob's", Chat.Kind.PRIVATE).post(bob, "apple")
    monkeypatch.setattr(index.engine(), "find", find)
    assert search(alice, read(typed)) == Found([], is_given_up=True)


def test_one_reads_nothing_of_others_chats_however_many_there_are(private: Chat, alice: User, bob: User) -> None:
    private.post(alice, "apple")
    read_rows = []
    for _ in range(2):
        for number in range(15):
            Chat.objects.start(bob, f"Bob's {number}", Chat.Kind.PRIVATE).post(bob, "pear")
        with CaptureQueriesContext(connection) as asked:
            assert ask(alice, "apple") == ask(alice, f"in:#{private.pk} apple") == ["apple"]
        # SQLite asks for others' chats within a bound: see below.
        own = [each["sql"] for each in asked.captured_queries if "messaging_chat" in each["sql"]]
        read_rows.append(sum(rows(sql) for sql in own if "NOT IN" not in sql))
    assert read_rows[0] == read_rows[1]


def rows(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({sql}) AS found")
        return int(cursor.fetchone()[0])


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="others do not ask for these")
def test_of_others_chats_no_more_are_read_than_can_be_asked_for(
    private: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        Chat.objects.start(bob, f"Bob's {number}", Chat.Kind.PRIVATE).post(bob, "apple")
    private.post(alice, "apple of alice")
    monkeypatch.setattr(sqlite, "MOST_TAGGED", 4)
    with CaptureQueriesContext(connection) as asked:
        assert ask(alice, "apple") == ["apple of alice"]
    others = [each["sql"] for each in asked.captured_queries if "NOT IN" in each["sql"]]
    assert [rows(sql) for sql in others] == [5]


def test_what_is_behind_is_indexed_the_newest_first(
    private: Chat, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"apple {number}" for number in range(5)]
    for text in texts:
        private.post(alice, text)
    private.post(alice, "deleted").delete_body()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM messaging_search")
    monkeypatch.setattr(index, "BATCH", 2)
    monkeypatch.setattr(index, "RECENT", 0)
    index.catch_up(seconds=0)
    assert ask(alice, "apple") == []
    index.catch_up()
    assert ask(alice, "apple") == texts[::-1]
    assert Indexing.objects.get().behind == 0


def test_another_version_of_the_words_has_all_indexed_anew(private: Chat, alice: User) -> None:
    private.post(alice, "apple")
    index.catch_up()
    Indexing.objects.update(version=0)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM messaging_search")
    index.catch_up()
    assert ask(alice, "apple") == ["apple"]


def test_what_an_old_release_has_posted_meanwhile_is_found_soon(private: Chat, alice: User) -> None:
    index.catch_up()
    private.post(alice, "apple")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM messaging_search")
    index.catch_up()
    assert ask(alice, "apple") == ["apple"]


def test_what_an_old_release_has_edited_meanwhile_is_found_soon_as_it_is(private: Chat, alice: User) -> None:
    message = private.post(alice, "apple")
    index.catch_up()
    edited = {"body": "pear", "html": "<p>pear</p>", "edited_at": timezone.now()}
    Message.objects.filter(pk=message.pk).update(**edited)
    assert ask(alice, "apple") == ["pear"]
    index.catch_up()
    assert (ask(alice, "apple"), ask(alice, "pear")) == ([], ["pear"])


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="others keep their triggers")
def test_a_lost_trigger_is_made_anew(private: Chat, alice: User) -> None:
    private.post(alice, "apple")
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER messaging_search_forget")
    index.keep_trigger()
    private.delete()
    assert indexed() == 0


def test_a_message_may_be_anything(private: Chat, alice: User) -> None:
    for text in ("x" * 10_000, "a " * 5_000, "ﷺ" * 9_000, "日" * 10_000, "'\"\\ ~c1:2 & | ! <-> *"):
        message = private.post(alice, text)
        assert indexed() == message.number
    assert len(ask(alice, "a")) == 1


class AnyInputTest(TestCase):
    """Whatever is typed is a search."""

    def setUp(self) -> None:
        self.alice = User.objects.create_user("alice")
        self.room = Chat.objects.start(self.alice, "Kitchen", Chat.Kind.PRIVATE)
        self.message = self.room.post(self.alice, "apple")

    @settings(max_examples=60)
    @given(
        st.lists(
            st.one_of(
                st.text(max_size=12),
                st.sampled_from(
                    ["from:", "in:", "before:", "after:", "has:", "is:", '"', "*", "\0", "AND", "NOT", "("]
                ),
                st.sampled_from(
                    ["me", "alice", "#1", "#", "@", "Kitchen", "2026-11-28", "file", "pinned", ":*", "\\", "'"]
                ),
            ),
            max_size=8,
        ),
        st.booleans(),
    )
    def test_any_input(self, pieces: list[str], is_spaced: bool) -> None:
        assert isinstance(search(self.alice, read((" " if is_spaced else "").join(pieces))), Found)
