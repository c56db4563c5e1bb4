"""Online, away, offline: by what people's pages say of themselves, over all of them, and by nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.chats.models.chat import members_stream
from messaging.models import Chat, Showing
from messaging.presence import broadcasts, pages
from messaging.presence.streams import ROSTER
from messaging.tasks import sweep_presence
from notifications.limits import cache as shared
from notifications.push import streams
from notifications.testing import Event, pushed
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
Wait = Callable[[float], None]
DESK, PHONE = "d" * 16, "f" * 16


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Wait:
    """Let time pass; the site has been there for long enough to say of anybody that they are gone."""
    now = 1_000_000.0
    monkeypatch.setattr(pages, "clock", lambda: now)

    def wait(seconds: float) -> None:
        nonlocal now
        while seconds > 0:
            # Beat hands out the task all the time.
            now += min(seconds, 5)
            seconds -= 5
            sweep_presence()

    wait(60)
    return wait


_turns = iter(range(10**6))


def say(user: User, way: str = "visible", page: str = DESK, **more: Any) -> Any:
    form = {"page": page, "way": way, "turn": next(_turns), **more}
    return signed_in(user).post("/presence/", form)


def shown(viewer: User, user: User) -> str | None:
    """Return what a page of the viewer's is answered of somebody."""
    state: str | None = say(viewer, people=str(user.pk)).json()["people"].get(str(user.pk))
    return state


def told(pushes: list[Event], user: User, to: str = ROSTER) -> list[str]:
    return [str(each["data-state"]) for each in pushed(pushes, to, f'#presence-news[data-person="{user.pk}"]')]


def test_who_looks_at_a_page_is_online_until_it_falls_silent(
    alice: User, bob: User, wait: Wait, pushes: list[Event]
) -> None:
    assert shown(alice, bob) == "offline"
    for _ in range(5):
        say(bob)
        wait(20)
    assert shown(alice, bob) == "online"
    assert told(pushes, bob) == ["online"], "nothing is pushed while nothing changes"
    wait(20)
    assert shown(alice, bob) == "offline"
    assert told(pushes, bob) == ["online", "offline"]


def test_silence_is_noticed_within_45_seconds(bob: User, wait: Wait, pushes: list[Event]) -> None:
    say(bob)
    wait(45)
    assert told(pushes, bob) == ["online", "offline"]


def test_who_looks_elsewhere_is_away_and_one_day_offline(
    alice: User, bob: User, wait: Wait, pushes: list[Event]
) -> None:
    say(bob)
    say(bob, "hidden")
    assert shown(alice, bob) == "online", "who only changes tabs does not flicker"
    wait(15)
    assert shown(alice, bob) == "away"
    wait(580)
    assert shown(alice, bob) == "away"
    wait(30)
    assert told(pushes, bob) == ["online", "away", "offline"]


def test_one_page_that_is_looked_at_is_enough(alice: User, bob: User, wait: Wait, pushes: list[Event]) -> None:
    say(bob, page=DESK)
    say(bob, page=PHONE)
    say(bob, "gone", page=DESK)
    wait(20)
    assert shown(alice, bob) == "online"
    say(bob, "hidden", page=PHONE)
    wait(20)
    assert shown(alice, bob) == "away"
    say(bob, "gone", page=PHONE)
    assert shown(alice, bob) == "offline"
    assert told(pushes, bob) == ["online", "away", "offline"]


def test_who_goes_from_page_to_page_stays_online(bob: User, wait: Wait, pushes: list[Event]) -> None:
    for page in "abcde":
        say(bob, page=page * 8)
        wait(10)
        say(bob, "gone", page=page * 8)
        wait(5)
    assert told(pushes, bob) == ["online"]


def test_a_word_that_comes_late_is_not_heeded(alice: User, bob: User, wait: Wait) -> None:
    say(bob, turn=1)
    say(bob, "gone", turn=3)
    say(bob, "hidden", turn=2)
    wait(20)
    assert shown(alice, bob) == "offline"


def test_it_is_pushed_to_who_has_a_conversation_with_them(
    room: Chat, alice: User, bob: User, carol: User, wait: Wait, pushes: list[Event]
) -> None:
    direct = Chat.objects.direct([alice, bob])
    group = Chat.objects.direct([alice, bob, carol])
    say(bob)
    assert told(pushes, bob, members_stream(direct.pk)) == ["online"]
    groups = {event["group"] for event in pushes if event["event"] == "presence"}
    assert groups == {members_stream(direct.pk), ROSTER}
    assert members_stream(group.pk) not in groups
    assert streams.is_open_to(carol.pk, ROSTER), "everybody is in the list of people"
    assert not streams.is_open_to(carol.pk, "presence.1")


def test_who_was_opened_meanwhile_hears_of_a_return(alice: User, bob: User, wait: Wait, pushes: list[Event]) -> None:
    say(bob)
    pages.store.put_field(pages.PEOPLE, str(bob.pk), "online 1.0 1.0", 60)
    assert pages.states([bob.pk]) == {bob.pk: "offline"}
    say(bob)
    assert told(pushes, bob) == ["online", "online"]


def test_nobody_is_taken_for_gone_when_redis_comes_back_with_nothing(
    alice: User, bob: User, wait: Wait, pushes: list[Event]
) -> None:
    say(bob)
    pages.store.clear()
    assert shown(alice, bob) is None, "the page goes on showing what it does"
    wait(5)
    say(bob)
    assert shown(alice, bob) == "online"
    wait(30)
    assert "offline" not in told(pushes, bob)


def test_after_an_outage_pages_may_speak_first(
    alice: User, bob: User, wait: Wait, pushes: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    say(bob)
    later = pages.clock() + 120
    monkeypatch.setattr(pages, "clock", lambda: later)
    sweep_presence()
    say(bob)
    monkeypatch.setattr(pages, "clock", lambda: later + 24)
    sweep_presence()
    assert "offline" not in told(pushes, bob)


def test_without_redis_pages_are_answered(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared._breaker, "failures", 2)
    monkeypatch.setattr(shared._breaker, "failed_at", float("inf"))
    assert say(bob).status_code == 200
    assert shown(alice, bob) == "online"
    say(bob, "gone")
    pages.forget(bob.pk, broadcasts.state_changed)
    assert shown(alice, bob) is None


def test_who_hides_that_they_are_online_is_gone_at_once_and_not_noted(
    alice: User, bob: User, wait: Wait, pushes: list[Event]
) -> None:
    say(bob)
    signed_in(bob).post("/presence/showing/", {"writing": "on"})
    assert told(pushes, bob) == ["online", "offline"]
    answer = say(bob, people=str(alice.pk)).json()
    assert answer["hides"] == ["online"]
    assert shown(alice, bob) == "offline"
    assert told(pushes, bob) == ["online", "offline"]
    assert not pages.store.fields(f"presence:pages:{bob.pk}")
    signed_in(bob).post("/presence/showing/", {"writing": "on", "online": "on"})
    say(bob)
    assert shown(alice, bob) == "online"


def test_a_word_on_its_way_does_not_undo_the_switch(
    alice: User, bob: User, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = pages.note

    def switched_off_meanwhile(*word: Any) -> None:
        note(*word)
        Showing.objects.create(user=bob, hides_online=True)

    with monkeypatch.context() as patch:
        patch.setattr(pages, "note", switched_off_meanwhile)
        say(bob)
    assert shown(alice, bob) == "offline"


def test_the_profile_shows_what_is_switched_on(bob: User) -> None:
    def checked() -> list[str]:
        page = signed_in(bob).get("/accounts/profile/").content.decode()
        return [name for name in ("online", "writing") if f'name="{name}" checked' in " ".join(page.split())]

    assert checked() == ["online", "writing"]
    assert signed_in(bob).post("/presence/showing/", {"online": "on"})["Location"] == "/accounts/profile/"
    assert checked() == ["online"]


@pytest.mark.parametrize(
    "wrong", [{"page": "x"}, {"way": "here"}, {"turn": "-1"}, {"people": "1,a"}, {"people": "٣"}, {"page": ""}]
)
def test_what_makes_no_sense_is_refused(bob: User, wrong: dict[str, str]) -> None:
    assert say(bob, **wrong).status_code == 422
    assert pages.online([bob.pk]) == set()


def test_pages_say_it_with_few_queries(bob: User, alice: User, wait: Wait) -> None:
    for number in range(20):
        Chat.objects.direct([bob, User.objects.create_user(f"person{number}")])
    client = signed_in(bob)
    form = {"page": DESK, "way": "visible", "people": ",".join(map(str, range(1, 150)))}
    client.post("/presence/", {**form, "turn": next(_turns)})
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.post("/presence/", {**form, "turn": next(_turns)})
    assert sum("showing" in each["sql"] for each in queries) == 2
    assert not [each for each in queries if each["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
