"""Threads: who may read and answer, who is told, what the message above shows, and what goes to the chat, too."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.chats import sidebar
from messaging.chats.audiences import RoomAudience
from messaging.chats.streams import Sidebar
from messaging.exports.files import exportable_by
from messaging.messages.recipients import notify_about, recipients
from messaging.messages.stream import ChatStream
from messaging.models import Chat, Membership, Message
from messaging.threads.answering import AlsoInChat, thread_of
from notifications.live import streams
from notifications.models import Notification
from notifications.testing import Event, assert_not_pushed, assert_pushed
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

Capture = Callable[..., Any]


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Capture) -> Capture:
    """A block whose changes are committed at its end."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def root(private: Chat, alice: User) -> Message:
    found: Message = private.post(alice, "We launch on **Friday**.")
    return found


@pytest.fixture
def thread(root: Message) -> Chat:
    return thread_of(root)


def soup(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser")


def begin(client: Client, root: Any, **more: Any) -> Any:
    """Press *Reply in thread*."""
    return client.post(f"/messages/{root.pk}/thread/", **more)


def answer(client: Client, root: Any, body: str = "Why not Monday?", **more: Any) -> Any:
    """Press *Reply in thread*, and answer by the composer of the page that this leads to."""
    begun = begin(client, root)
    if begun.status_code != 303:
        return begun
    return client.post(f"{begun['Location']}messages/", {"body": body, **more})


def line(user: User, root: Any) -> str:
    """Return what a chat's page shows beneath the message of its thread."""
    found = soup(signed_in(user).get(root.chat.get_absolute_url())).select_one(f"#message-{root.pk} .answers b")
    return str(found.text) if found else ""


def told(message: Message) -> list[str]:
    return [user.username for user in recipients(message)]


# Beginning one, and answering.


def test_to_look_at_a_message_s_thread_makes_none_and_to_ask_for_one_does(root: Message, bob: User) -> None:
    client = signed_in(bob)
    page = soup(client.get(f"/messages/{root.pk}/thread/"))
    assert page.select_one("h1").text == "Thread in Launch"
    assert page.select_one(".thread-root strong").text == "Alice"
    assert page.select_one(".thread-root .prose").text.strip() == "We launch on Friday."
    assert not Chat.objects.filter(kind=Chat.Kind.THREAD).exists()
    assert page.select_one("form.form-actions button").text == "Reply in thread"
    thread = Chat.objects.filter(root=root)
    assert begin(client, root)["Location"] == thread.get().get_absolute_url()
    assert line(bob, root) == "", "nothing was answered yet"
    assert answer(client, root)["Location"] == thread.get().get_absolute_url()
    assert [message.body for message in thread.get().messages.all()] == ["Why not Monday?"]
    assert client.get(f"/messages/{root.pk}/thread/")["Location"] == thread.get().get_absolute_url()


def test_the_menu_of_a_message_leads_to_its_thread_and_that_of_an_answer_to_none(thread: Chat, bob: User) -> None:
    client, root = signed_in(bob), thread.root
    for path in (f"/messages/{root.pk}/menu/", f"/messages/{root.pk}/"):
        form = soup(client.get(path)).select_one(f"[action='/messages/{root.pk}/thread/']")
        assert form.select_one(".menu-entry").text.strip() == "Reply in thread"
        assert not form.has_attr("hx-post"), "it leads there"
    reply = thread.post(bob, "Monday?")
    assert "Reply in thread" not in client.get(f"/messages/{reply.pk}/menu/").content.decode()
    assert client.get(f"/messages/{reply.pk}/thread/").status_code == 404
    assert answer(client, reply).status_code == 404


def test_a_first_answer_is_written_as_any_message_is(root: Message, bob: User) -> None:
    client = signed_in(bob)
    page = soup(client.get(begin(client, root)["Location"]))
    composer = page.select_one("#composer")
    assert all(composer.select_one(each) for each in ("[name=new_files]", ".composer-reply", "[data-preview]"))
    refused = answer(client, root, " ", also="1")
    assert refused.status_code == 422
    assert soup(refused).select_one(".composer-reasons [role=alert]").text == "Write something first."
    assert soup(refused).select_one("[name=also][checked]")
    assert line(bob, root) == ""


def test_to_ask_for_a_thread_counts_as_a_post(root: Message, bob: User, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "posts": "1/1h"}
    client, other = signed_in(bob), root.chat.post(bob, "And this?")
    assert begin(client, root).status_code == 303
    assert begin(client, root).status_code == 303, "it is there already"
    assert begin(client, other).status_code == 429
    assert not Chat.objects.filter(root=other).exists()


def test_the_same_form_sent_twice_is_one_answer(root: Message, bob: User) -> None:
    form = {"client_id": str(uuid.uuid4()), "also": "1"}
    client = signed_in(bob)
    assert answer(client, root, **form)["Location"] == answer(client, root, **form)["Location"]
    assert line(bob, root) == "1 answer"
    assert [message.body for message in root.chat.messages.order_by("number")] == [root.body, "Why not Monday?"]


def test_a_message_has_one_thread(root: Message) -> None:
    assert thread_of(root) == thread_of(Message.objects.get(pk=root.pk))


def test_a_deleted_message_begins_no_thread_and_one_that_is_there_stays(root: Message, alice: User, bob: User) -> None:
    other = root.chat.post(alice, "not this one")
    other.delete_body()
    assert signed_in(bob).get(f"/messages/{other.pk}/thread/").status_code == 404
    assert answer(signed_in(bob), other).status_code == 404
    answer(signed_in(bob), root)
    Message.objects.get(pk=root.pk).delete_body()
    page = soup(signed_in(bob).get(f"/messages/{root.pk}/thread/", follow=True))
    assert page.select_one(".thread-root .message-note").text == "This message was deleted."
    assert "Why not Monday?" in page.select_one("#messages").text
    assert "Friday" not in str(page)
    assert answer(signed_in(bob), root, "Still here").status_code == 303
    assert line(bob, root) == "2 answers"


# Beside its chat.


def beside(user: User, chat: Any, asked: str) -> Any:
    """Return the pane of a thread that the page of a chat has at this address."""
    return soup(signed_in(user).get(f"{chat.get_absolute_url()}?thread={asked}")).select_one(".pane.is-beside")


def test_a_thread_stands_beside_its_chat_where_the_address_says_so(thread: Chat, bob: User) -> None:
    thread.post(bob, "Monday?")
    pane = beside(bob, thread.parent, str(thread.pk))
    assert pane.select_one("h1").text == "Thread in Launch"
    assert "Monday?" in pane.select_one("[role=log]").text
    assert pane.select_one("[data-socket]")["data-stream"] == thread.stream
    assert pane.select_one(f"#cursor-chat-{thread.pk}")["data-seq"] == "1"
    assert pane.select_one(".composer")["action"] == f"{thread.get_absolute_url()}messages/"
    assert pane.select_one("[data-close-beside]")["href"] == thread.parent.get_absolute_url()
    got = signed_in(bob).get(f"{thread.get_absolute_url()}?beside", headers={"HX-Request": "true"})
    assert soup(got).select_one("[data-pane]")["data-chat"] == str(thread.pk)
    assert "<html" not in got.content.decode()


def test_a_page_with_a_thread_beside_it_has_no_id_twice(thread: Chat, alice: User, bob: User) -> None:
    thread.post(bob, "Monday?")
    thread.parent.post(bob, "Something else")
    page = soup(signed_in(alice).get(f"{thread.parent.get_absolute_url()}?thread={thread.pk}"))
    ids = [each["id"] for each in page.select("[id]:not(template *)")]
    assert len(page.select("[role=log] .line")) == 2, "something is new in both"
    assert sorted(ids) == sorted(set(ids))


def test_nothing_else_stands_beside_a_chat(thread: Chat, room: Chat, alice: User, bob: User, carol: User) -> None:
    other = thread_of(room.post(alice, "Elsewhere"))
    for asked in ("", "x", "0", str(other.pk), str(room.pk), str(thread.parent_id), "9" * 30):
        assert beside(bob, thread.parent, asked) is None
    assert beside(carol, room, str(thread.pk)) is None
    outside = signed_in(carol).get(f"{thread.get_absolute_url()}?beside", headers={"HX-Request": "true"})
    assert outside.status_code == 404
    assert begin(signed_in(carol), thread.root, headers={"HX-Request": "true"}).status_code == 404


def test_to_ask_for_a_thread_beside_its_chat_leads_to_its_pane(root: Message, bob: User) -> None:
    led = begin(signed_in(bob), root, headers={"HX-Request": "true"})
    assert led["Location"] == f"{Chat.objects.get(root=root).get_absolute_url()}?beside"


def test_whoever_follows_a_thread_beside_its_chat_stays_there(thread: Chat, bob: User) -> None:
    led = signed_in(bob).post(f"{thread.get_absolute_url()}following/", {"is_on": "1", "beside": "1"})
    assert led["Location"] == f"{thread.parent.get_absolute_url()}?thread={thread.pk}"


# Its page.


def test_the_page_shows_what_is_answered_and_leads_back_to_it(thread: Chat, bob: User) -> None:
    page = soup(signed_in(bob).get(thread.get_absolute_url()))
    assert page.select_one("#chat-name").text == "Thread in Launch"
    assert "We launch on Friday." in page.select_one(".thread-root").text
    assert page.select_one(".pane-head a")["href"] == thread.root.place
    assert page.select_one(f"[data-socket][data-stream='{thread.stream}']")
    assert not page.select_one(".chat-link[aria-current]")
    thread.admit(bob)
    page = soup(signed_in(bob).get(thread.get_absolute_url()))
    assert page.select_one(".chat-link[aria-current=page]")["data-chat"] == str(thread.pk)


def test_a_thread_of_a_conversation_is_called_after_the_other(alice: User, bob: User) -> None:
    conversation = Chat.objects.direct([alice, bob])
    thread = thread_of(conversation.post(alice, "Lunch?"))
    thread.post(bob, "At noon")
    assert soup(signed_in(bob).get(thread.get_absolute_url())).select_one("#chat-name").text == "Thread in Alice"
    assert Chat.objects.direct([alice, bob]) == conversation


# Who may.


def test_an_outsider_finds_no_thread(thread: Chat, bob: User, carol: User) -> None:
    reply, client = thread.post(bob, "Monday?"), signed_in(carol)
    thread.memberships.create(user=carol, level="all")
    address = thread.get_absolute_url()
    for path in (address, f"/messages/{thread.root_id}/thread/", f"{address}members/", f"/messages/{reply.pk}/"):
        assert client.get(path).status_code == 404, path
    forms = {"messages/": {"body": "x"}, "following/": {}, "joining/": {}, "level/": {"level": "all"}, "reading/": {}}
    for path, form in forms.items():
        assert client.post(address + path, form).status_code == 404, path
    assert answer(client, thread.root).status_code == 404
    assert not streams.is_open_to(carol.pk, thread.stream)
    assert Sidebar().groups([carol.pk]) == {}
    assert sidebar.entries(carol) == []
    assert told(reply) == ["alice"]
    with pytest.raises(Chat.DoesNotExist):
        thread.post(carol, "x")


def test_whoever_may_read_an_open_room_may_answer_in_its_threads(room: Chat, alice: User, carol: User) -> None:
    thread = thread_of(room.post(alice, "We launch on Friday."))
    assert answer(signed_in(carol), thread.root).status_code == 303
    assert streams.is_open_to(carol.pk, thread.stream)
    assert thread.membership_of(carol)
    assert not room.membership_of(carol), "who answers in a thread does not come into the room by that"


def leave(chat: Chat, user: User, owner: User) -> None:
    chat.release(user)


def remove(chat: Chat, user: User, owner: User) -> None:
    chat.ban(user, owner)


@pytest.mark.parametrize("end", [leave, remove])
def test_whoever_is_no_longer_in_a_private_room_loses_its_threads(
    thread: Chat, alice: User, bob: User, committed: Capture, pushes: list[Event], end: Callable[..., None]
) -> None:
    reply = thread.post(bob, "Monday?")
    last = thread.post(alice, "Friday.")
    with committed():
        end(thread.parent, bob, alice)
    # All processes look at his open sockets anew.
    assert [bob.pk] in [event["user_pks"] for event in pushes if event["event"] == "recheck"]
    client = signed_in(bob)
    assert client.get(thread.get_absolute_url()).status_code == 404
    assert client.post(f"/messages/{reply.pk}/", {"body": "x"}).status_code == 404
    assert not streams.is_open_to(bob.pk, thread.stream)
    assert told(last) == []
    assert not Membership.objects.filter(user=bob, chat=thread).exists()
    with pytest.raises(Chat.DoesNotExist):
        thread.post(bob, "x")


def test_a_ban_of_an_open_room_holds_in_its_threads(room: Chat, alice: User, bob: User) -> None:
    thread = thread_of(room.post(bob, "We launch on Friday."))
    room.ban(bob, alice)
    assert not streams.is_open_to(bob.pk, thread.stream)
    assert signed_in(bob).get(thread.get_absolute_url()).status_code == 404
    with pytest.raises(Chat.DoesNotExist):
        thread.admit(bob)
    assert told(thread.post(alice, "Why?")) == []


def test_who_has_left_is_no_follower_of_what_they_wrote_before(private: Chat, alice: User, bob: User) -> None:
    root = private.post(bob, "We launch on Friday.")
    private.release(bob)
    thread = thread_of(root)
    assert told(thread.post(alice, "Why?")) == []
    assert not thread.membership_of(bob)


# Who is told.


def test_an_answer_tells_the_author_and_all_who_follow_once_each(thread: Chat, alice: User, bob: User) -> None:
    first = thread.post(bob, "Monday?")
    for _ in range(2):
        notify_about(first)
    rung = Notification.objects.get(inbox=alice.pk)
    assert (rung.kind, rung.text) == ("answer", "Bob in a thread in Launch: Monday?")
    assert rung.url == first.place
    assert not Notification.objects.filter(inbox=bob.pk).exists()
    assert told(thread.post(alice, "No.")) == ["bob"]


def test_who_unfollows_is_told_no_more_and_who_follows_is(thread: Chat, alice: User, bob: User) -> None:
    page = soup(signed_in(bob).get(thread.get_absolute_url()))
    form = page.select_one(".pane-head form")
    assert form.button.text.strip() == "Follow"
    assert signed_in(bob).post(str(form["action"]), {"is_on": "1"})["Location"] == thread.get_absolute_url()
    assert told(thread.post(alice, "News")) == ["bob"]
    form = soup(signed_in(bob).get(thread.get_absolute_url())).select_one(".pane-head form")
    assert form.button.text.strip() == "Unfollow"
    signed_in(bob).post(str(form["action"]), {form.button["name"]: form.button["value"]})
    assert told(thread.post(alice, "More news")) == []
    assert told(thread.post(alice, "@bob look")) == ["bob"]


def test_a_follower_chooses_a_level(thread: Chat, alice: User, bob: User) -> None:
    thread.admit(bob)
    signed_in(bob).post(f"{thread.get_absolute_url()}level/", {"level": "mentions"})
    assert told(thread.post(alice, "News")) == []
    assert told(thread.post(alice, "@bob look")) == ["bob"]


def test_who_wants_to_hear_nothing_of_a_chat_hears_of_the_threads_that_they_follow_alone(
    thread: Chat, alice: User, bob: User
) -> None:
    thread.parent.membership_of(bob).set_level("nothing")
    assert told(thread.post(alice, "@bob look")) == []
    thread.admit(bob)
    assert told(thread.post(alice, "@bob look")) == ["bob"]


def test_a_thread_has_an_unread_mark_for_its_followers_alone(thread: Chat, alice: User, bob: User) -> None:
    thread.post(bob, "Monday?")
    page = soup(signed_in(alice).get("/"))
    entry = page.select_one(f"#chat-entry-{thread.pk}")
    assert entry.select_one(".chat-title").text == "We launch on **Friday**."
    assert entry.select_one(".unread").text.startswith("1")
    assert not soup(signed_in(bob).get("/")).select_one(f"#chat-entry-{thread.pk}")
    signed_in(alice).post(f"{thread.get_absolute_url()}reading/", {"number": "1"})
    assert not soup(signed_in(alice).get("/")).select_one(f"#chat-entry-{thread.pk}")
    page = soup(signed_in(alice).get(f"/chats/{thread.pk}/entry/", headers={"HX-Request": "true"}))
    assert page.select_one(f"#chat-entry-{thread.pk} .unread").has_attr("hidden")


def test_the_list_of_chats_has_a_bounded_number_of_threads(private: Chat, alice: User, bob: User) -> None:
    threads = [thread_of(private.post(alice, f"message {number}")) for number in range(12)]
    for thread in threads:
        thread.post(bob, "and?")
    entries = sidebar.entries(alice)
    assert [entry.chat.kind for entry in entries] == ["private"] + ["thread"] * sidebar.MOST_THREADS


# What is pushed.


def test_an_answer_is_pushed_to_its_thread_and_the_line_beneath_the_message_to_the_chat(
    thread: Chat, alice: User, bob: User, carol: User, pushes: list[Event], committed: Capture
) -> None:
    before = Chat.objects.get(pk=thread.home.pk).seq
    with committed():
        message = thread.post(bob, "Monday?")
    assert_pushed(pushes, thread.stream, f"#message-{message.pk}")
    # Without HTML: each process reads it.
    (soon,) = [event for event in pushes if event["group"] == f"chat.{thread.parent_id}"]
    assert (soon["seq"], soon["html"]) == (before + 1, None)
    html = ChatStream().changes(thread.home.pk, before).html
    assert f'href="{thread.get_absolute_url()}"' in html
    assert "1 answer<" in html
    assert "Monday" not in html
    for user in (alice, carol):
        assert_not_pushed(pushes, f"user.{user.pk}", "article")
    members = [event for event in pushes if event["group"] == f"members.{thread.pk}"]
    assert [(event["seq"], event["html"]) for event in members] == [(1, "")]


def test_a_page_of_a_thread_gets_what_it_lacks(thread: Chat, bob: User) -> None:
    thread.post(bob, "seen")
    missed = thread.post(bob, "missed")
    html = streams.catch_up(thread.stream, 1)
    assert f'id="message-{missed.pk}"' in html
    assert "seen" not in html.replace("unseen", "")


def test_the_line_counts_what_is_there(thread: Chat, alice: User, bob: User, committed: Capture) -> None:
    first, second = thread.post(bob, "one"), thread.post(alice, "two")
    assert line(bob, thread.root) == "2 answers"
    value = Message.objects.get(thread=thread).parts["thread"]
    assert value == {"chat": thread.pk, "count": 2, "last": second.created_at.isoformat()}
    with committed():
        second.delete_body()
    value = Message.objects.get(thread=thread).parts["thread"]
    assert value == {"chat": thread.pk, "count": 1, "last": first.created_at.isoformat()}
    with committed():
        first.delete_body()
    assert line(bob, thread.root) == ""


def test_an_answer_costs_the_same_however_many_there_are_and_follow(
    thread: Chat, alice: User, bob: User, django_user_model: type[User]
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            Chat.objects.post(thread.pk, bob, "again")
        return len(captured)

    thread.post(bob, "first")
    few = queries()
    people = django_user_model.objects.bulk_create(User(username=f"person{number}") for number in range(50))
    for chat in (thread.parent, thread):
        Membership.objects.bulk_create(Membership(chat=chat, user=user) for user in people)
    assert queries() == few <= 16


def test_what_is_answered_changes_on_the_pages_of_its_thread_too(
    thread: Chat, alice: User, bob: User, pushes: list[Event], committed: Capture
) -> None:
    thread.post(bob, "Monday?")
    root = Message.objects.get(thread=thread)
    with committed():
        root.edit("We launch on <b>Tuesday</b>.")
    (shown,) = assert_pushed(pushes, thread.stream, "#thread-root")
    assert shown.select_one(".prose").text.strip() == "We launch on <b>Tuesday</b>."
    (title,) = assert_pushed(pushes, f"members.{thread.pk}", f"#chat-title-{thread.pk}")
    assert title.text == "We launch on <b>Tuesday</b>."
    with committed():
        root.delete_body()
    missed = BeautifulSoup(streams.catch_up(thread.stream, 2), "html.parser")
    assert missed.select_one("#thread-root .message-note")
    assert not missed.select_one("article")
    assert "Tuesday" not in str(missed)
    assert "thread-root" not in streams.catch_up(thread.stream, 3)


# Also to the chat.


@pytest.fixture
def copy(thread: Chat, bob: User) -> Message:
    """The copy in the chat of bob's answer."""
    form = {"body": "Why not Monday?", "also": "1"}
    assert signed_in(bob).post(f"{thread.get_absolute_url()}messages/", form).status_code == 303
    return Message.objects.get(chat=thread.parent_id, author=bob)


def test_an_answer_that_is_sent_to_the_chat_too_leads_to_its_thread_from_there(copy: Message, alice: User) -> None:
    page = soup(signed_in(alice).get(copy.chat.get_absolute_url()))
    article = page.select_one(f"#message-{copy.pk}")
    original = Message.objects.get(chat__kind="thread")
    assert article.select_one(".message-body").text.strip() == "Why not Monday?"
    assert article.select_one(".copied a")["href"] == original.place
    assert article.select_one(".copied bdi").text == "We launch on **Friday**."
    assert original.body == copy.body


def test_who_is_told_in_the_thread_is_not_told_again_in_the_chat(
    copy: Message, alice: User, bob: User, carol: User
) -> None:
    Membership.objects.create(chat=copy.chat, user=carol)
    Membership.objects.filter(chat=copy.chat).update(level="all", read_number=1)
    original = Message.objects.get(chat__kind="thread")
    assert (told(original), told(copy)) == (["alice"], ["carol"])


def test_the_copy_follows_the_answer(copy: Message, committed: Capture) -> None:
    original = Message.objects.get(chat__kind="thread")
    with committed():
        original.edit("Or Tuesday?")
    copy.refresh_from_db()
    assert (copy.body, copy.edited_at is None) == ("Or Tuesday?", False)
    original.delete_body()
    copy.refresh_from_db()
    assert copy.deleted_at


def test_the_answer_stays_when_its_copy_is_deleted(copy: Message, committed: Capture) -> None:
    copy.delete_body()
    original = Message.objects.get(chat__kind="thread")
    with committed():
        original.edit("Or Tuesday?")
    original.refresh_from_db()
    assert original.body == "Or Tuesday?"
    copy.refresh_from_db()
    assert copy.body == ""


def test_only_an_answer_can_be_sent_to_the_chat_too(private: Chat, alice: User) -> None:
    refused = signed_in(alice).post(f"{private.get_absolute_url()}messages/", {"body": "kept", "also": "1"})
    assert refused.status_code == 422
    assert soup(refused).select_one("#id_body").text.strip() == "kept"
    with pytest.raises(ValidationError):
        private.post(alice, "x", additions=[AlsoInChat()])
    assert not private.messages.exists()
    assert not soup(signed_in(alice).get(private.get_absolute_url())).select_one("[name=also]")


# Where threads are not.


def test_a_thread_is_in_no_list_of_rooms(thread: Chat, alice: User, bob: User) -> None:
    thread.post(bob, "Monday?")
    assert [chat.kind for chat in Chat.objects.of(alice)] == ["private"]
    assert not Chat.objects.joinable_by(alice).exists()
    assert list(exportable_by(alice)) == [thread.parent]
    assert [pk for pk, _ in RoomAudience().choices(alice)] == [thread.parent_id]
    assert RoomAudience().find(str(thread.pk)) == []
    client = signed_in(alice)
    for path in ("/chats/mine/", "/rooms/all/"):
        assert soup(client.get(path)).select(f"main [href='{thread.get_absolute_url()}']") == []
    address = thread.get_absolute_url()
    assert client.get(f"{address}name/").status_code == 404
    assert client.post(f"{address}invitations/").status_code == 404
    assert client.post(f"{address}members/", {"people": "carol"}).status_code == 404
    assert client.post(f"{address}exports/").status_code == 404


def test_nobody_owns_a_thread(thread: Chat, alice: User, bob: User) -> None:
    thread.post(bob, "Monday?")
    thread.release(alice)
    assert not thread.memberships.filter(is_owner=True).exists()


def test_a_message_leads_to_no_thread_that_was_deleted(thread: Chat, bob: User, committed: Capture) -> None:
    root = Message.objects.get(thread=thread)
    thread.post(bob, "Monday?")
    with committed():
        thread.delete()
    assert line(bob, root) == ""
    assert answer(signed_in(bob), root).status_code == 303
    assert line(bob, root) == "1 answer"


def test_a_chat_is_deleted_with_its_threads_and_what_the_bell_says_of_them(
    thread: Chat, alice: User, bob: User
) -> None:
    notify_about(thread.post(bob, "Monday?"))
    thread.parent.delete()
    assert not Chat.objects.exists()
    assert not Message.objects.exists()
    assert Notification.objects.get(inbox=alice.pk).text == "This chat was deleted."
