"""Where webhooks are sent, and where they are not, whatever name servers, proxies and receivers say."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
import trustme
from aiohttp import connector
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from notifications.models import WebhookDelivery
from notifications.webhooks import guarding
from tests.notifications.webhooks.receiver import Receiver, running, status
from tests.notifications.webhooks.test_sending import hook_of, tried

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # which Linux takes for itself
    "224.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "fe80::1%lo",
    "fec0::1",
    "fd00::1",
    "ff02::1",
    "2001:db8::1",
]
PUBLIC = ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused(address: str) -> None:
    with pytest.raises(guarding.Refused):
        guarding.judge(address)
    with pytest.raises(guarding.Refused):
        guarding.make_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 443)))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_ones_are_not(address: str) -> None:
    assert guarding.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "example.org",
        "http://example.org/",
        "ftp://example.org/",
        "https://",
        "https://alice:secret@example.org/",
        "https://example.org/#part",
        "https://exa mple.org/",
        "https://example.org:99999/",
        "https://example.org:0/",
        "https://[::1/",
        "https://127.0.0.1/",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
        "https://127.1/",
        "https://bücher.example/",
        "https://example.org/\\@127.0.0.1/",
        f"https://example.org/{'a' * guarding.LONGEST}",
    ],
)
def test_what_is_no_address_for_a_webhook_is_refused_when_typed(typed: str) -> None:
    with pytest.raises(ValidationError):
        guarding.clean(typed)


def test_an_address_may_have_a_port_and_a_query() -> None:
    assert guarding.clean(" https://example.org:8443/in?key=1 ") == "https://example.org:8443/in?key=1"


def names(monkeypatch: pytest.MonkeyPatch, answer: Callable[[], list[str]]) -> list[str]:
    """Let a name server know hooks.example; return what it is asked."""
    real, asked = socket.getaddrinfo, []

    def lookup(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host != "hooks.example":
            return real(host, port, *args, **kwargs)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answer()]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("found", [["127.0.0.1"], ["1.1.1.1", "127.0.0.1"]])
def test_a_name_that_leads_to_a_private_address_is_not_sent_to(
    alice: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, settings: Any, found: list[str]
) -> None:
    names(monkeypatch, lambda: found)
    settings.WEBHOOKS_ALLOW_PRIVATE = False
    delivery = tried(hook_of(alice, f"https://hooks.example:{receiver.server_address[1]}/in"))
    assert delivery.error == "It leads to an address that is not public: 127.0.0.1."
    assert delivery.state == WebhookDelivery.State.WAITING


@pytest.mark.django_db(transaction=True)
def test_one_that_was_kept_while_private_ones_were_allowed_is_not_sent_to(
    alice: User, receiver: Receiver, settings: Any
) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE = False
    assert tried(hook_of(alice, f"{receiver.url}/in")).error == "A webhook has an address that begins with https://."
    assert not receiver.received


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1", "2130706433"])
def test_no_connection_of_theirs_is_made_to_this_machine(host: str) -> None:
    async def fetch(port: int) -> None:
        async with aiohttp.ClientSession(connector=guarding.connector()) as session:
            await session.get(f"http://{host}:{port}/")

    with running() as receiver:
        with pytest.raises((aiohttp.ClientError, guarding.Refused)):
            asyncio.run(fetch(receiver.server_address[1]))
        assert not receiver.received


@pytest.mark.django_db(transaction=True)
def test_a_name_is_looked_up_once_and_stands_in_the_certificate(
    alice: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it was judged by is where the connection goes, while Host and certificate are those of the name."""
    asked = names(monkeypatch, lambda: ["127.0.0.1"])
    authority, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("hooks.example").configure_cert(context)
    wanted: list[str] = []
    context.sni_callback = lambda connection, name, _: wanted.append(name)
    receiver.socket = context.wrap_socket(receiver.socket, server_side=True)
    place = f"hooks.example:{receiver.server_address[1]}"
    assert "CERTIFICATE_VERIFY_FAILED" in tried(hook_of(alice, f"https://{place}/in")).error
    assert isinstance(connector._SSL_CONTEXT_VERIFIED, ssl.SSLContext)
    authority.configure_trust(connector._SSL_CONTEXT_VERIFIED)
    asked.clear()
    assert tried(hook_of(alice, f"https://{place}/in")).state == WebhookDelivery.State.DELIVERED
    assert asked == ["hooks.example"]
    assert wanted[-1] == "hooks.example"
    assert receiver.at("/in")[0].headers["host"] == place


@pytest.mark.django_db(transaction=True)
def test_neither_cookies_nor_proxies_of_the_environment_are_used(
    alice: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        receiver.answers["/in"] = status(200, Set_Cookie="visited=1")
        hook = hook_of(alice, f"{receiver.url}/in")
        tried(hook)
        tried(hook)
        assert not proxy.received
    assert ["cookie" in request.headers for request in receiver.at("/in")] == [False, False]
