"""H4, H5: heads and bodies are bounded in size and time before anybody looks at them, on both web servers."""

from collections.abc import Callable, Iterator

import pytest

from project.serve.inbound import BODY_BYTES, HEAD_BYTES
from tests.security.echoing import SERVERS, Echo, echoing
from tests.security.wire import HANDSHAKE, STATUS, Wire, chunked, head, statuses

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("bounds")]
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST = head(b"GET /", b"Connection: close")


@pytest.fixture(scope="module", params=SERVERS)
def echo(request: pytest.FixtureRequest) -> Iterator[Echo]:
    with echoing(request.param) as running:
        yield running


@pytest.fixture(scope="module", params=SERVERS)
def hasty(request: pytest.FixtureRequest) -> Iterator[Echo]:
    """A server that waits for a second."""
    with echoing(request.param, SECONDS="1") as running:
        yield running


def long_address(size: int) -> bytes:
    return b"GET /?" + b"a" * (size - len(GET) - 1) + GET.removeprefix(b"GET /")


def one_header(size: int) -> bytes:
    return head(b"GET /", size=size)


def many_headers(size: int, *first: bytes) -> bytes:
    return head(b"GET /", *first, *(b"X-%d: %b" % (number, b"x" * 600) for number in range(100)), size=size)


def handshake(size: int) -> bytes:
    return many_headers(size, *HANDSHAKE.splitlines())


@pytest.mark.parametrize("make", [long_address, one_header, many_headers, handshake])
def test_a_head_may_have_so_many_bytes_and_not_one_more(echo: Echo, make: Callable[[int], bytes]) -> None:
    largest, too_large = make(HEAD_BYTES), make(HEAD_BYTES + 1)
    assert (len(largest), len(too_large)) == (HEAD_BYTES, HEAD_BYTES + 1)
    with Wire(echo) as wire:
        status, _ = wire.say(largest).answer()
        assert status == (101 if make is handshake else 200)
    with Wire(echo) as wire:
        answer = wire.say(too_large + GET).heard()
    assert STATUS.findall(answer) == [b"431"]
    assert b"may have 65536 bytes together" in answer


@pytest.mark.parametrize("begun", [b"G", b"GET /", GET[:-2] + b"X: ", GET[:-2] + b"X"], ids=repr)
def test_a_head_without_end_is_not_waited_for(echo: Echo, begun: bytes) -> None:
    with Wire(echo) as wire:
        wire.say(begun)
        for _ in range(8):
            wire.say(b"x" * HEAD_BYTES)
        assert STATUS.findall(wire.heard()) in ([b"431"], [b"400"])


@pytest.mark.parametrize("first", [[], HANDSHAKE.splitlines()], ids=["request", "handshake"])
@pytest.mark.parametrize("headers", [[b"a: b"] * 9_000, [b"a: " + b"b" * 20_000]], ids=["many", "long"])
def test_headers_as_nobody_has_them_are_refused_or_read(echo: Echo, first: list[bytes], headers: list[bytes]) -> None:
    with Wire(echo) as wire:
        status, _ = wire.say(head(b"GET /", *first, *headers)).answer()
    assert status in {101 if first else 200, 431}


def test_each_request_of_a_connection_has_a_head_of_its_own(echo: Echo) -> None:
    with Wire(echo) as wire:
        answers = [wire.say(one_header(60_000)).answer() for _ in range(3)]
        assert [status for status, _ in answers] == [200] * 3
        assert STATUS.findall(wire.say(one_header(60_000) * 3 + LAST).heard()) == [b"200"] * 4


def post(*headers: bytes, path: bytes = b"/") -> bytes:
    return head(b"POST " + path, *headers)


CHUNKED = b"Transfer-Encoding: chunked"


def test_a_body_may_have_so_many_bytes(echo: Echo) -> None:
    largest = b"x" * BODY_BYTES
    with Wire(echo) as wire:
        by_length = wire.say(post(b"Content-Length: %d" % BODY_BYTES) + largest).answer()
        in_chunks = wire.say(post(CHUNKED) + chunked(largest) + b"0\r\n\r\n").answer()
    assert by_length == in_chunks == (200, b'["127.0.0.1", "http", 1048576]\n')


@pytest.mark.parametrize("expect", [(), (b"Expect: 100-continue",)])
def test_a_body_that_is_announced_as_larger_is_refused_at_once(echo: Echo, expect: tuple[bytes]) -> None:
    with Wire(echo) as wire:
        answer = wire.say(post(b"Content-Length: %d" % (BODY_BYTES + 1), *expect)).heard()
    assert STATUS.findall(answer) == [b"413"]
    assert b"may have 1048576 bytes" in answer


@pytest.mark.parametrize("of", [16_384, 50, BODY_BYTES + 1])
def test_a_body_in_chunks_is_refused_as_soon_as_it_is_larger(echo: Echo, of: int) -> None:
    with Wire(echo) as wire:
        answer = wire.say(post(CHUNKED) + chunked(b"x" * (BODY_BYTES + 1), of)).heard()
    assert STATUS.findall(answer) == [b"413"]
    assert b"connection: close" in answer.lower()


def test_nothing_can_be_sent_where_nobody_reads_it(echo: Echo) -> None:
    lines = [b"GET /", b"HEAD /", b"POST /healthz", b"POST /readyz?x", b"POST /metrics", b"POST /%68ealthz"]
    bodies = {b"Content-Length: 1": b"x", CHUNKED: b"1\r\nx\r\n0\r\n\r\n"}
    said = [head(line, header) + body + GET for line in lines for header, body in bodies.items()]
    assert statuses(echo, said) == {each: [b"413"] for each in said}


@pytest.mark.parametrize("body", [(b"Content-Length: 0", b""), (CHUNKED, b"0\r\n\r\n")])
def test_a_body_of_nothing_is_none(echo: Echo, body: tuple[bytes, bytes]) -> None:
    with Wire(echo) as wire:
        answers = [wire.say(head(b"GET /healthz", body[0]) + body[1]).answer() for _ in range(2)]
    assert [status for status, _ in answers] == [200, 200]


@pytest.mark.parametrize(
    "tail",
    [b"1;" + b"x" * 200_000, b"0\r\n" + b"X: y\r\n" * 30_000, b"0\r\nX: " + b"y" * 200_000],
    ids=["chunk extension", "trailers", "trailer"],
)
def test_what_is_neither_head_nor_body_is_bounded_too(echo: Echo, tail: bytes) -> None:
    with Wire(echo) as wire:
        answer = wire.say(post(CHUNKED) + tail).heard()
    assert b"200" not in STATUS.findall(answer)


@pytest.mark.parametrize(
    ("begun", "rest"),
    [
        (b"", GET[:-2] + b"X: " + b"x" * 100),  # Without an end: a busy machine might see it in time.
        (GET[:-2], b"X: " + b"x" * 100),
        (post(b"Content-Length: 100"), b"x" * 100),
        (post(CHUNKED), b"1\r\nx\r\n" * 20),
        (post(CHUNKED) + b"0\r\n", b"X: " + b"x" * 100),
    ],
    ids=["head", "header", "body", "chunks", "trailer"],
)
def test_who_drips_is_told_that_it_takes_too_long(hasty: Echo, begun: bytes, rest: bytes) -> None:
    with Wire(hasty) as wire:
        answer = wire.say(begun).drip(rest).heard()
    assert STATUS.findall(answer) == [b"408"]
    assert b"within 1 seconds" in answer


def test_a_next_head_that_drips_takes_too_long_as_well(hasty: Echo) -> None:
    with Wire(hasty) as wire:
        assert wire.say(post(b"Content-Length: 1") + b"x").answer()[0] == 200
        assert STATUS.findall(wire.drip(GET + b"x").heard()) == [b"408"]


def test_a_handshake_that_the_application_does_not_accept_ends(hasty: Echo) -> None:
    with Wire(hasty) as wire:
        answer = wire.say(head(b"GET /never", *HANDSHAKE.splitlines())).heard()
    assert STATUS.findall(answer) in ([b"503"], []), "Daphne ends it without a word"


def test_a_connection_in_reserve_ends_without_a_word(hasty: Echo) -> None:
    with Wire(hasty) as wire:
        assert wire.heard() == b""
