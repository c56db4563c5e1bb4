"""What programs are answered: each sender reads something else of it (docs/integrations-hooks.md)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from messaging.hooks import receiving
from messaging.models import Chat, Hook, HookPost, Message
from notifications.models import Notification
from tests.messaging.hooks.conftest import Post

pytestmark = pytest.mark.django_db
SAID = '{"text": "done"}'


def bodies(chat: Chat) -> list[str]:
    return list(chat.messages.order_by("number").values_list("body", flat=True))


def test_a_post_is_a_message_and_answered_with_ok(hook: Hook, post: Post) -> None:
    answer = post(SAID)
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"ok", "text/plain; charset=utf-8")
    assert bodies(hook.chat) == ["done"]
    hook.refresh_from_db()
    assert hook.used_at


def test_an_address_of_two_parts_is_answered_with_json(hook: Hook, post: Post) -> None:
    answer = post(SAID, place=f"{hook.pk}/{hook.token}")
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    refused = post("{}", place=f"{hook.pk}/{hook.token}")
    assert refused.status_code == 422
    assert refused.json()["success"] is False
    assert refused.json()["error"] == "no_text"
    assert post(SAID, place=f"{hook.pk + 1}/{hook.token}").status_code == 410


@pytest.mark.parametrize("end", ["", "/", "/slack", "/slack/"])
@pytest.mark.parametrize("method", ["post", "put"])
def test_every_form_of_the_address_takes_it_without_a_redirect(hook: Hook, method: str, end: str) -> None:
    answer = getattr(Client(), method)(f"/hooks/{hook.token}{end}", SAID, content_type="application/json")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert bodies(hook.chat) == ["done"]


@pytest.mark.parametrize("method", ["get", "head", "delete", "patch", "options"])
@pytest.mark.parametrize("end", ["", "/"])
def test_what_is_no_post_is_refused_and_never_200(hook: Hook, method: str, end: str) -> None:
    answer = getattr(Client(), method)(f"/hooks/{hook.token}{end}")
    assert (answer.status_code, answer["Allow"]) == (405, "POST, PUT")


@pytest.mark.parametrize("place", ["", "x", "a" * 26, "1/" + "a" * 26, "a/b/c", "a" * 5000, "../admin/", "\n"])
def test_an_unknown_address_is_gone(room: Chat, post: Post, place: str) -> None:
    answer = Client().post(f"/hooks/{place}", SAID, content_type="application/json")
    assert answer.status_code == 410
    assert not answer.content.startswith(b"ok")
    assert bodies(room) == []


def test_a_renewed_address_is_gone_at_once(hook: Hook, post: Post) -> None:
    old = hook.token
    hook.renew()
    assert post(SAID, place=old).status_code == 410
    assert post(SAID).status_code == 200


def test_a_hook_that_is_off_or_deleted_takes_nothing(hook: Hook, post: Post) -> None:
    Hook.objects.update(is_on=False)
    assert post(SAID).status_code == 410
    Hook.objects.update(is_on=True)
    hook.end()
    assert post(SAID).status_code == 410


def test_a_hook_whose_bot_was_removed_is_gone_and_says_why(hook: Hook, alice: User, post: Post) -> None:
    hook.chat.ban(hook.bot.user, alice)
    answer = post(SAID)
    assert (answer.status_code, answer.content) == (410, b"no_service: the hook was removed from its room")
    assert bodies(hook.chat) == []


def test_what_will_never_do_is_422_with_the_reason_in_one_line(hook: Hook, post: Post) -> None:
    broken, empty = post('{"text": '), post("{}")
    assert (broken.status_code, empty.status_code) == (422, 422)
    assert broken.content.startswith(b"invalid_payload: this is no JSON: ")
    assert empty.content == b"no_text: there is no text in it"
    assert b"\n" not in broken.content
    kept = list(hook.refusals.order_by("pk").values_list("reason", "payload"))
    assert kept[0][1] == '{"text": '
    assert kept[1] == ("422 no_text: there is no text in it", "{}")


def test_twenty_refusals_are_kept(hook: Hook, post: Post) -> None:
    for number in range(25):
        post(json.dumps({"nothing": [], "n": None, "x": [], str(number): ""}))
    kept = list(hook.refusals.order_by("pk").values_list("payload", flat=True))
    assert len(kept) == 20
    assert '"5"' in kept[0]


def test_a_body_beyond_what_is_read_is_422_and_no_page(hook: Hook, post: Post, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = post(json.dumps({"text": "x" * 200}))
    assert (answer.status_code, answer["Content-Type"]) == (422, "text/plain; charset=utf-8")


def test_too_many_are_429_with_whole_seconds_and_a_burst_is_not(hook: Hook, post: Post, settings: Any) -> None:
    assert [post(SAID).status_code for _ in range(25)] == [200] * 25
    settings.LIMITS = {**settings.LIMITS, "hooks": "25/1m"}
    answer = post(SAID)
    assert answer.status_code == 429
    assert answer["Retry-After"].isdecimal()
    assert not answer.content.startswith(b"ok")
    assert hook.refusals.get().reason.startswith("429 rate_limited")


def test_no_cookie_no_sign_in_and_no_token_of_a_form(hook: Hook, alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    headers = {"sec-fetch-mode": "cors", "sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"}
    answer = client.post(f"/hooks/{hook.token}", SAID, content_type="application/json", headers=headers)
    assert answer.status_code == 200
    assert not answer.cookies
    assert hook.chat.messages.get().author == hook.bot.user


def test_plain_http_is_told_of_https_where_the_site_has_that(hook: Hook, post: Post, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = post(SAID)
    assert answer.status_code == 403
    assert b"https://" in answer.content
    secure = Client().post(f"/hooks/{hook.token}", SAID, content_type="application/json", secure=True)
    assert secure.status_code == 200


def test_another_character_set_is_read_by_it(hook: Hook, post: Post) -> None:
    assert post("Café".encode("latin-1"), "text/plain; charset=ISO-8859-1").status_code == 200
    assert bodies(hook.chat) == ["Café"]


def test_senders_that_take_html_get_a_line_of_text(hook: Hook, post: Post) -> None:
    answers = [post("{}", accept="*/*"), Client().get(f"/hooks/{hook.token}", headers={"accept": "text/html"})]
    assert [answer["Content-Type"] for answer in answers] == ["text/plain; charset=utf-8"] * 2


def test_a_fault_is_500_in_a_line_and_nothing_is_half_said(
    hook: Hook, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **more: object) -> None:
        raise RuntimeError

    # The last that is written of a post, behind its message.
    monkeypatch.setattr(HookPost, "save", fail)
    answer = post(SAID)
    assert (answer.status_code, answer.content[:12]) == (500, b"server_error")
    assert bodies(hook.chat) == []


def test_fields_of_a_multipart_form_are_read(hook: Hook) -> None:
    sent = {"title": "Backup", "message": "all well", "file01": SimpleUploadedFile("log.txt", b"x")}
    assert Client().post(f"/hooks/{hook.token}", sent).status_code == 200
    assert bodies(hook.chat) == ["**Backup**\nall well"]
    broken = Client().post(f"/hooks/{hook.token}", b"nothing", content_type="multipart/form-data")
    assert broken.status_code == 422


def unanswered(hook: Hook, seconds: float) -> None:
    """Have the last post be one whose sender was not answered, so long ago."""
    (digest,) = hook.digests  # type: ignore[attr-defined]
    hook.posts.create(digest=digest, at=timezone.now() - timedelta(seconds=seconds))


@pytest.fixture
def digests(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What the posts to the hook are told apart by."""
    found: set[str] = set()
    digest_of = receiving._digest

    def noted(posted: Any) -> str:
        found.add(digest_of(posted))
        return digest_of(posted)

    monkeypatch.setattr(receiving, "_digest", noted)
    hook.digests = found  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("seconds", [0.5, 1.3, 60])
def test_the_repeat_of_an_unanswered_post_is_no_second_message(
    hook: Hook, post: Post, digests: set[str], seconds: float
) -> None:
    post(SAID)
    unanswered(hook, seconds)
    assert post(SAID).content == b"ok"
    assert bodies(hook.chat) == ["done"]
    assert post('{"text": "another"}').content == b"ok"
    assert bodies(hook.chat) == ["done", "another"]


def test_what_was_answered_may_be_said_again(hook: Hook, post: Post) -> None:
    post(SAID)
    post(SAID)
    assert bodies(hook.chat) == ["done", "done"]
    assert not hook.posts.exists()


@pytest.mark.parametrize("seconds", [0.0, 150])
def test_what_comes_at_the_same_moment_or_long_after_is_another_message(
    hook: Hook, post: Post, digests: set[str], seconds: float
) -> None:
    post(SAID)
    unanswered(hook, seconds)
    post(SAID)
    assert bodies(hook.chat) == ["done", "done"]


def test_names_in_it_ring_nobody(
    hook: Hook, alice: User, bob: User, post: Post, django_capture_on_commit_callbacks: Any
) -> None:
    for text in ("@alice look <@U123> <!here> @all", "＠alice", "**@bob** and [@alice](https://e.org) `@bob` @all"):
        with django_capture_on_commit_callbacks(execute=True):
            post(json.dumps({"text": text}))
    assert [message.named for message in Message.objects.all()] == [{}, {}, {}]
    assert not Notification.objects.exists()
