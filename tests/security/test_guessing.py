"""S21: passwords are guessed slowly, nobody is told who exists, and nobody is locked out by others."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client, override_settings
from redis.connection import AbstractConnection

from notifications.limits import windows as limits
from project import hashing
from project.settings import DEFAULT_LIMITS

PASSWORD = "a-good-long-one"
FEW = {**DEFAULT_LIMITS, "sign_in": "3/5m", "sign_in_address": "5/5m", "sign_in_name": "4/5m"}


@pytest.fixture(autouse=True)
def few_guesses() -> Iterator[None]:
    with override_settings(LIMITS=FEW):
        yield


@pytest.fixture
def bob(bob: User) -> User:
    bob.set_password(PASSWORD)
    bob.save()
    return bob


def sign_in(name: str, password: str, address: str = "192.0.2.1") -> Any:
    return Client().post("/accounts/login/", {"username": name, "password": password}, REMOTE_ADDR=address)


def is_refused(answer: HttpResponse) -> bool:
    return answer.status_code == 429


@pytest.mark.parametrize("name", ["bob", "nobody-of-this-name", "BOB", "dave"])
def test_who_guesses_is_told_to_wait_whether_the_name_exists_or_not(bob: User, name: str) -> None:
    User.objects.create_user("dave", password=PASSWORD, is_active=False)
    answers = [sign_in(name, f"wrong {number}") for number in range(5)]
    assert [is_refused(answer) for answer in answers] == [False, False, False, True, True]
    refused = answers[-1]
    assert 0 < int(refused["Retry-After"]) <= 300
    page = refused.content.decode()
    assert "That was too often. Try again in" in page
    assert f'value="{name}"' in page


def test_the_right_password_does_not_help_who_has_guessed_too_often(bob: User) -> None:
    for number in range(3):
        sign_in("bob", f"wrong {number}")
    assert is_refused(sign_in("bob", PASSWORD))
    assert sign_in("bob", PASSWORD, address="192.0.2.2").status_code == 302


def test_who_signs_in_rightly_is_not_counted(bob: User) -> None:
    assert [sign_in("bob", PASSWORD).status_code for _ in range(7)] == [302] * 7


def test_one_address_guesses_at_many_names_no_more_often(bob: User) -> None:
    answers = [sign_in(f"name{number}", "wrong") for number in range(6)]
    assert [is_refused(answer) for answer in answers] == [False] * 5 + [True]
    assert is_refused(sign_in("bob", PASSWORD))
    assert not is_refused(sign_in("bob", PASSWORD, address="192.0.2.2"))


def test_one_network_of_ipv6_is_one_address(bob: User) -> None:
    answers = [sign_in(f"name{number}", "wrong", address=f"2001:db8::{number}") for number in range(6)]
    assert [is_refused(answer) for answer in answers] == [False] * 5 + [True]
    assert not is_refused(sign_in("bob", PASSWORD, address="2001:db8:0:1::1"))


def test_many_addresses_guess_at_one_name_no_more_often_and_its_owner_still_comes_in(bob: User) -> None:
    assert sign_in("bob", PASSWORD, address="198.51.100.7").status_code == 302
    answers = [sign_in("bob", "wrong", address=f"203.0.113.{number}") for number in range(5)]
    assert [is_refused(answer) for answer in answers] == [False] * 4 + [True]
    assert is_refused(sign_in("bob", PASSWORD, address="203.0.113.99"))
    assert sign_in("bob", PASSWORD, address="198.51.100.7").status_code == 302


def test_six_guesses_at_once_are_six(bob: User) -> None:
    with ThreadPoolExecutor(6) as threads:
        errors = list(threads.map(lambda _: _taken("sign_in", "bob", "192.0.2.1"), range(6)))
    assert errors.count(None) == 3


def _taken(*limit: str) -> str | None:
    try:
        limits.take(*limit)
    except limits.Limited as error:
        return str(error.message)
    return None


def test_a_window_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000_000.0
    monkeypatch.setattr("notifications.limits.windows.time", lambda: now)
    with override_settings(LIMITS={"posts": "1/1m"}):
        limits.take("posts", 1)
        with pytest.raises(limits.Limited, match="Try again in 20 seconds") as refused:
            limits.take("posts", 1)
        limits.take("posts", 2)
        now += refused.value.seconds
        limits.take("posts", 1)


def test_to_ask_for_a_limit_is_one_trip_to_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    with override_settings(LIMITS={"posts": "9/1h"}):
        limits.take("posts", 1)
        trips = []
        send = AbstractConnection.send_packed_command

        def noted(connection: AbstractConnection, command: Any, *args: Any, **options: Any) -> None:
            trips.append(command)
            send(connection, command, *args, **options)

        monkeypatch.setattr(AbstractConnection, "send_packed_command", noted)
        limits.take("posts", 1)
    assert len(trips) == 1


def test_no_limit_is_written_as_none() -> None:
    with override_settings(LIMITS={"posts": "0/1m"}):
        for _ in range(3):
            limits.take("posts", 1)


def test_what_is_given_back_was_not_counted() -> None:
    with override_settings(LIMITS={"posts": "1/1m"}):
        for _ in range(3):
            limits.take("posts", 1)
            limits.give_back("posts", 1)


def test_more_hashing_than_can_wait_is_refused_and_says_so() -> None:
    hasher, begun, go_on = hashing.Argon2Hasher(), Event(), Event()

    def hashed() -> None:
        begun.set()
        assert go_on.wait(10)

    with ThreadPoolExecutor(hashing.MOST_AT_ONCE) as threads:
        waiting = [threads.submit(hashing._in_turn, hashed) for _ in range(hashing.MOST_AT_ONCE)]
        assert begun.wait(10)
        while hashing._places.acquire(blocking=False):
            hashing._places.release()
        with pytest.raises(hashing.Busy, match="Too many people are signing in") as refused:
            hasher.encode("a password", "a salt that is long enough")
        go_on.set()
        for each in waiting:
            each.result()
    assert refused.value.status == 503
    assert hasher.verify("a password", hasher.encode("a password", "a salt that is long enough"))


def test_whoever_is_next_waits_for_a_part_of_what_the_last_one_took(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]

    def hash_for(seconds: float) -> None:
        clock[0] += seconds

    monkeypatch.setattr(hashing, "REST", 3.0)
    monkeypatch.setattr(hashing, "_next_turn", 0.0)
    monkeypatch.setattr(hashing, "time", SimpleNamespace(monotonic=lambda: clock[0], sleep=hash_for))
    hashing._in_turn(hash_for, 0.05)
    assert clock == [0.05], "nobody has hashed before"
    hashing._in_turn(hash_for, 0.1)
    assert clock == [pytest.approx(0.05 + 3 * 0.05 + 0.1)]
    clock[0] += 10
    hashing._in_turn(hash_for, 0.1)
    assert clock == [pytest.approx(10.4)], "who comes later does not wait"


def test_who_comes_when_too_many_do_keeps_what_was_typed(bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing._places, "acquire", lambda blocking: False)
    answer = Client().post("/accounts/login/", {"username": "bob", "password": PASSWORD})
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert 'value="bob"' in answer.content.decode()
    assert "Too many people are signing in" in answer.content.decode()
