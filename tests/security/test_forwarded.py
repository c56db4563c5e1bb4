"""L9: who asks is said by the proxy where there is one, and by nobody else; on both web servers."""

import json
from collections.abc import Iterator

import pytest
from websockets.sync.client import connect

from tests.security.echoing import SERVERS, Echo, echoing
from tests.security.wire import Wire, head

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("forwarded")]


@pytest.fixture(scope="module", params=SERVERS)
def echo(request: pytest.FixtureRequest) -> Iterator[Echo]:
    with echoing(request.param) as running:
        yield running


@pytest.fixture(scope="module", params=SERVERS)
def proxied(request: pytest.FixtureRequest) -> Iterator[Echo]:
    """A server behind a proxy."""
    with echoing(request.param, BEHIND_PROXY="on", SECRET_KEY="".join(map(chr, range(50, 100)))) as running:
        yield running


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (["203.0.113.7"], "203.0.113.7"),
        (["198.51.100.1, 127.0.0.1,203.0.113.7"], "203.0.113.7"),
        (["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
        (["203.0.113.7:4711"], "203.0.113.7"),
        (["2001:DB8::0:1"], "2001:db8::1"),
        (["[2001:db8::1]:80"], "2001:db8::1"),
        (["::ffff:203.0.113.7"], "203.0.113.7"),
        (["203.0.113.7, unknown"], "127.0.0.1"),
        ([""], "127.0.0.1"),
        ([], "127.0.0.1"),
    ],
)
def test_a_proxy_says_who_asks_and_its_client_does_not(proxied: Echo, forwarded: list[str], client: str) -> None:
    assert clients(proxied, forwarded) == [client] * 2


def test_without_a_proxy_nobody_says_who_asks(echo: Echo) -> None:
    assert clients(echo, ["203.0.113.7"]) == ["127.0.0.1"] * 2


def clients(echo: Echo, forwarded: list[str]) -> list[str]:
    """Return the addresses that a request and a socket seem to come from."""
    headers = [("X-Forwarded-Proto", "https"), *(("X-Forwarded-For", value) for value in forwarded)]
    with Wire(echo) as wire:
        _, told = wire.say(head(b"GET /", *(f"{name}: {value}".encode() for name, value in headers))).answer()
    request, scheme, _ = json.loads(told)
    assert scheme == "http", "Django asks the proxy, where it may"
    with connect(f"{echo.ws_url}/", additional_headers=headers, proxy=None) as connection:
        return [request, json.loads(connection.recv())[0]]
