"""Who may send something large: known from the head of a request, before any of it is read."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from messaging.attachments.rights import may_send
from messaging.models import Chat
from notifications.models import Token
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def head(user: User | None) -> list[tuple[bytes, bytes]]:
    """Return what a browser's head says of who asks."""
    cookies = signed_in(user).cookies if user else {}
    said = "; ".join(f"{name}={each.value}" for name, each in cookies.items())
    return [(b"host", b"localhost"), (b"cookie", said.encode())]


@pytest.mark.parametrize("what", ["files", "messages"])
def test_who_may_write_there_may(private: Chat, alice: User, bob: User, carol: User, what: str) -> None:
    address = f"/chats/{private.pk}/{what}/"
    assert [may_send(address, head(each)) for each in (alice, bob, carol, None)] == [True, True, False, False]
    assert may_send(f"/bell{address}", head(alice))
    private.ban(bob, alice)
    assert not may_send(address, head(bob))


@pytest.mark.parametrize(
    "change",
    [
        lambda alice: setattr(alice, "is_active", False),
        lambda alice: alice.set_password("another one"),
    ],
    ids=["deactivated", "another password"],
)
def test_whose_session_is_over_may_not(private: Chat, alice: User, change: Callable[[User], None]) -> None:
    said = head(alice)
    change(alice)
    alice.save()
    assert not may_send(f"/chats/{private.pk}/files/", said)


def test_who_needs_a_second_factor_first_may_not(private: Chat, alice: User, settings: object) -> None:
    settings.REQUIRE_SECOND_FACTOR = "everybody"  # type: ignore[attr-defined]
    assert not may_send(f"/chats/{private.pk}/files/", head(alice))


@pytest.mark.parametrize(
    "address", ["/", "/chats/0/files/", f"/chats/{'9' * 18}/files/", "/chats/1/name/", "/chats/1/files"]
)
def test_elsewhere_nobody_may(private: Chat, alice: User, address: str) -> None:
    assert not may_send(address, head(alice))


@pytest.mark.parametrize("cookie", [b"", b"sessionid=", b"sessionid=\xff\x00", b"sessionid=nonsense", b"=;;"])
def test_a_head_of_nonsense_is_nobodys(private: Chat, cookie: bytes) -> None:
    assert not may_send(f"/chats/{private.pk}/files/", [(b"cookie", cookie)])


@pytest.mark.parametrize(("scopes", "may"), [(["write"], True), (["read"], False)])
def test_a_program_may_by_its_token_and_by_no_cookie(
    private: Chat, alice: User, carol: User, scopes: list[str], may: bool
) -> None:
    address = f"/api/v1/chats/{private.pk}/files"
    for user, expected in ((alice, may), (carol, False)):
        token, secret = Token.objects.issue(user, "", scopes)
        said = [(b"authorization", f"Bearer {secret}".encode())]
        assert may_send(address, said) is expected
        assert not may_send(f"/chats/{private.pk}/files/", said)
        token.revoke()
        assert not may_send(address, said)
    assert not may_send(address, head(alice))
