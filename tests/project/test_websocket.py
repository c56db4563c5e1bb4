"""An open WebSocket on uvicorn: what it reads, how it waits, when it is given up, and what stays of the call."""

import asyncio
import gc
import weakref
from typing import Any

import pytest
from websockets.frames import Close, CloseCode, Frame, Opcode

from project.serve import frames, handshake, inbound, websocket
from project.serve.handshake import Call
from project.serve.websocket import Pulse, WebSocket

Message = dict[str, Any]
HTTP = {
    "method": "GET",
    "scheme": "http",
    "server": ("127.0.0.1", 8000),
    "client": ("127.0.0.1", 50_000),
    "root_path": "",
    "state": {},
    "headers": [
        (b"host", b"localhost"),
        (b"connection", b"keep-alive, Upgrade"),
        (b"upgrade", b"websocket"),
        (b"sec-websocket-version", b"13"),
        (b"sec-websocket-key", b"AAAAAAAAAAAAAAAAAAAAAA=="),
    ],
}


class Transport:
    """Keeps what is written on it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.is_closed = self.is_reset = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    def abort(self) -> None:
        self.is_closed = self.is_reset = True

    def get_extra_info(self, name: str) -> Any:
        return self

    def setsockopt(self, *_: Any) -> None:
        """Take the option that makes a reset of the end."""


class Heard:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.ended_with: int | None = None

    def receive(self, message: Message) -> None:
        self.messages.append(message)

    def disconnect(self, code: int) -> None:
        self.ended_with = code


@pytest.fixture
async def transport() -> Transport:
    return Transport()


@pytest.fixture
async def connection(transport: Transport) -> WebSocket:
    connection = WebSocket(transport, set(), Pulse())
    connection.listener = Heard()
    connection.open()
    return connection


def said(opcode: Opcode, data: bytes, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=True)


async def test_messages_come_whole_however_they_are_cut(connection: WebSocket) -> None:
    stream = said(Opcode.TEXT, b"hel", fin=False) + said(Opcode.PING, b"?") + said(Opcode.CONT, b"lo")
    for byte in stream + said(Opcode.BINARY, b"\0"):
        connection.data_received(bytes([byte]))
    assert isinstance(connection.listener, Heard)
    assert [(each.get("text"), each.get("bytes")) for each in connection.listener.messages] == [
        ("hello", None),
        (None, b"\0"),
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (said(Opcode.TEXT, b"x" * 4000, fin=False) + said(Opcode.CONT, b"x" * 100), CloseCode.MESSAGE_TOO_BIG),
        (said(Opcode.TEXT, b"x" * 4097), CloseCode.MESSAGE_TOO_BIG),
        (said(Opcode.TEXT, b"\xff"), CloseCode.INVALID_DATA),
        (Frame(Opcode.TEXT, b"not masked").serialize(mask=False), CloseCode.PROTOCOL_ERROR),
        (said(Opcode.CLOSE, b"\0"), CloseCode.PROTOCOL_ERROR),
        (said(Opcode.CLOSE, Close(CloseCode.GOING_AWAY, "").serialize()), CloseCode.GOING_AWAY),
    ],
    ids=["too large in parts", "too large", "no UTF-8", "not masked", "half a code", "goes away"],
)
async def test_what_ends_a_connection_is_told_to_both_sides(
    connection: WebSocket, transport: Transport, data: bytes, code: CloseCode
) -> None:
    listener = connection.listener
    connection.data_received(data)
    assert transport.written == [frames.control(Opcode.CLOSE, Close(code, "").serialize())]
    assert transport.is_closed
    connection.connection_lost(None)
    assert isinstance(listener, Heard)
    assert (listener.messages, listener.ended_with) == ([], code)
    with pytest.raises(ConnectionResetError):
        connection.send({"type": "websocket.send", "text": "too late"})


async def test_senders_wait_for_a_slow_reader_and_a_close_does_not(connection: WebSocket, transport: Transport) -> None:
    assert connection.send({"type": "websocket.send", "text": "at once"}) is None
    connection.pause_writing()
    first, second = (connection.send({"type": "websocket.send", "text": text}) for text in ("later", "never"))
    assert first
    assert second
    assert len(transport.written) == 1
    connection.resume_writing()
    await first
    assert transport.written[1:] == [frames.encoded("later")]
    connection.pause_writing()
    waiting = asyncio.ensure_future(second)
    assert connection.send({"type": "websocket.close", "code": 4013}) is None
    with pytest.raises(ConnectionResetError):
        await waiting
    assert transport.written[2:] == [frames.control(Opcode.CLOSE, Close(4013, "").serialize())]


async def test_who_is_still_there_when_the_server_ends_hears_a_code_that_every_client_takes(
    connection: WebSocket, transport: Transport
) -> None:
    connection.shutdown()
    assert transport.written == [frames.control(Opcode.CLOSE, Close(4012, "").serialize())]


async def test_a_peer_that_answers_no_ping_is_given_up(connection: WebSocket, transport: Transport) -> None:
    connection.ping(b"one?", b"the ping")
    connection.data_received(said(Opcode.PONG, b"one?"))
    connection.ping(b"two?", b"the ping")
    connection.data_received(said(Opcode.PONG, b"one?"))
    assert transport.written == [b"the ping"] * 2
    connection.ping(b"and?", b"the ping")
    assert transport.is_reset
    assert len(transport.written) == 2


async def test_a_peer_may_say_so_much_between_two_pings(connection: WebSocket, monkeypatch: pytest.MonkeyPatch) -> None:
    pong = said(Opcode.PONG, b"unasked")
    for _ in range(3):
        for _ in range(inbound.INBOUND_BYTES // len(pong) - 1):
            connection.data_received(pong)
        connection.pinged = b""
        connection.ping(b"there?", b"the ping")
    dropped = asyncio.Event()
    monkeypatch.setattr(websocket.WebSocket, "drop", lambda self: dropped.set())
    monkeypatch.setattr(websocket, "FAREWELL_SECONDS", 0)
    for _ in range(inbound.INBOUND_BYTES // len(pong) + 1):
        connection.data_received(pong)
    await dropped.wait()


async def test_nothing_of_a_call_stays_when_its_connection_is_handed_over(transport: Transport) -> None:
    connection, listener, began = WebSocket(transport, set(), Pulse()), Heard(), []

    async def application(scope: Message, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        began.append(weakref.ref(send.__self__))
        send = scope["extensions"][handshake.HANDOVER](listener)
        send({"type": "websocket.send", "text": "from the listener"})

    await begun(connection, application)
    gc.collect()
    assert [call() for call in began] == [None]
    assert not transport.is_closed
    assert transport.written[0].startswith(b"HTTP/1.1 101 ")
    assert transport.written[1:] == [frames.encoded("from the listener")]
    connection.data_received(said(Opcode.TEXT, b"hello"))
    connection.connection_lost(None)
    assert listener.messages == [{"type": "websocket.receive", "text": "hello"}]
    assert listener.ended_with == CloseCode.ABNORMAL_CLOSURE


async def test_a_connection_that_is_lost_already_is_handed_over_as_lost(transport: Transport) -> None:
    connection, listener = WebSocket(transport, set(), Pulse()), Heard()

    async def application(scope: Message, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        connection.connection_lost(None)
        scope["extensions"][handshake.HANDOVER](listener)

    await begun(connection, application)
    assert listener.ended_with == CloseCode.ABNORMAL_CLOSURE


@pytest.mark.parametrize("is_accepted", [False, True])
async def test_a_handshake_that_nobody_accepts_in_time_is_refused(
    transport: Transport, monkeypatch: pytest.MonkeyPatch, is_accepted: bool
) -> None:
    monkeypatch.setattr(handshake, "HANDSHAKE_SECONDS", 0)
    connection, told = WebSocket(transport, set(), Pulse()), []

    async def application(scope: Message, receive: Any, send: Any) -> None:
        await receive()
        if is_accepted:
            await send({"type": "websocket.accept"})
        # Later than the timer, which was set before.
        passed = asyncio.Event()
        asyncio.get_running_loop().call_later(0.01, passed.set)
        await passed.wait()
        if not is_accepted:
            connection.connection_lost(None)
            told.append(await receive())
        await send({"type": "websocket.accept"} if not is_accepted else {"type": "websocket.send", "text": "late"})
        told.append("sent")

    await begun(connection, application)
    if is_accepted:
        assert told == ["sent"]
        assert transport.written[1:] == [frames.encoded("late")]
    else:
        (answer,) = transport.written
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert [message["type"] for message in told] == ["websocket.disconnect"], "what it says then, nobody hears"
        assert transport.is_closed


async def begun(connection: WebSocket, application: Any) -> None:
    found = handshake.begin(connection, dict(HTTP), b"/ws/live/?user.1=0")
    assert found
    call, scope = found
    assert isinstance(call, Call)
    await call.run(application, scope)
