"""A message is rendered once and kept; what is kept is never what was."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from django.contrib.auth.models import User
from django.template import engines
from django.utils import timezone

from messaging import kept
from messaging.accounts.models.time_zone import TimeZone
from messaging.messages import shown
from messaging.messages.broadcasts import message_html
from messaging.models import Chat, Message
from notifications.live import streams
from notifications.push import dom_id
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """Begin with nothing rendered, and leave nothing."""
    kept.store.clear()
    yield
    kept.store.clear()


@pytest.fixture
def times_rendered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The primary keys of the messages that were rendered."""
    found: list[int] = []
    render = shown.Shown.context

    def noted(self: shown.Shown, *args: Any) -> dict[str, object]:
        found.append(self.pk)
        return render(self, *args)

    monkeypatch.setattr(shown.Shown, "context", noted)
    return found


def article(chat: Chat, reader: User, message: Message) -> Tag:
    """Return a message as the chat's page shows it."""
    page = BeautifulSoup(signed_in(reader).get(chat.get_absolute_url()).content, "html.parser")
    found = page.select_one(f"#{dom_id(message)}")
    assert found
    return found


def test_a_message_is_rendered_once_for_all_who_are_shown_it(
    room: Chat, alice: User, bob: User, carol: User, times_rendered: list[int]
) -> None:
    messages = [room.post(alice, "hello") for _ in range(3)]
    for reader in (alice, bob, carol):
        article(room, reader, messages[0])
    streams.catch_up(room.stream, 0)
    message_html(messages[0], is_new=True)
    signed_in(bob).get(f"{room.get_absolute_url()}?before=4", headers={"HX-Request": "true"})
    assert times_rendered == [message.pk for message in messages]


def edit(message: Message) -> None:
    message.edit("mended")


def delete(message: Message) -> None:
    message.delete_body()


def rename(message: Message) -> None:
    message.author.first_name = "Alicia"
    message.author.save()


def give_a_namesake(message: Message) -> None:
    User.objects.create_user("other", first_name="Alice")


@pytest.mark.parametrize(
    ("change", "then"),
    [
        (edit, "mended"),
        (edit, "edited"),
        (delete, "This message was deleted."),
        (rename, "Alicia"),
        (give_a_namesake, "@alice"),
    ],
)
def test_after_a_change_the_next_page_shows_the_new_one(
    room: Chat, alice: User, bob: User, change: Callable[[Message], None], then: str
) -> None:
    message = room.post(alice, "first")
    assert then not in article(room, bob, message).text
    change(message)
    assert then in article(room, bob, message).text
    assert then in streams.catch_up(room.stream, 0)


def test_a_name_is_alone_again_when_its_other_bearer_is_deactivated(room: Chat, alice: User, bob: User) -> None:
    other = User.objects.create_user("other", first_name="Alice")
    said = [room.post(author, "hello") for author in (alice, other)]
    assert [bool(article(room, bob, message).select(".message-mark")) for message in said] == [True, True]
    other.is_active = False
    other.save()
    assert [bool(article(room, bob, message).select(".message-mark")) for message in said] == [False, True]


def test_another_template_of_a_new_release_is_what_is_shown(
    room: Chat, alice: User, bob: User, templates: Path
) -> None:
    message = room.post(alice, "hello")
    article(room, bob, message)
    own = templates / "messaging" / "messages"
    own.mkdir(parents=True)
    (own / "_message.html").write_text('<article id="{{ id }}" class="message">as the new release has it</article>')
    # A release is another process, which has compiled no template yet.
    engine: Any = engines["django"]
    for loader in engine.engine.template_loaders:
        loader.reset()
    assert article(room, bob, message).text == "as the new release has it"


def test_everybody_reads_the_time_by_their_own_clock(room: Chat, alice: User, bob: User) -> None:
    message = room.post(alice, "hello")
    TimeZone.objects.create(user=bob, chosen="Asia/Tokyo")
    assert "UTC" in article(room, alice, message).time.text
    assert "JST" in article(room, bob, message).time.text
    assert "UTC" in article(room, alice, message).time.text
    assert "UTC" in message_html(message, is_new=True), "what is pushed tells nobody where its author lives"


def test_what_a_place_adds_stays_in_that_place(room: Chat, alice: User, bob: User) -> None:
    said = [room.post(alice, "hello") for _ in range(2)]
    assert "is-continued" in article(room, bob, said[1])["class"]
    at = signed_in(bob).get(f"{room.get_absolute_url()}?at=2").content.decode()
    assert at.count("autofocus") >= 1
    assert 'hx-swap-oob="true"' in message_html(said[1], is_new=False)
    plain = shown.rendered([said[1].shown], timezone.get_default_timezone())[0]
    assert not any(mark in plain for mark in ("is-continued", "autofocus", "hx-swap-oob"))


def test_what_was_not_asked_for_longest_goes_first() -> None:
    few = kept.Kept(most=30)
    for name in "abc":
        few.put(name, f"<{name}>", 10)
    assert few.get("a") == "<a>"
    few.put("d", "<d>", 10)
    assert [name for name in "abcd" if few.get(name)] == ["a", "c", "d"]
    few.put("large", "", 31)
    assert (few.size, few.get("d")) == (0, None)
