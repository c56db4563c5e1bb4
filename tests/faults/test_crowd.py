"""The crowd does as browsers do."""

import asyncio
from random import Random

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request

from tests.faults.crowd import Reader
from tests.faults.ledger import Ledger
from tests.faults.page import Page
from tests.faults.site import Person


async def test_page_that_is_closed_while_it_connects_leaves_no_connection() -> None:
    asked, answer, gone = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hold(connection: ServerConnection, request: Request) -> None:
        asked.set()
        await answer.wait()

    async def stay(connection: ServerConnection) -> None:
        await connection.wait_closed()
        gone.set()

    async with serve(stay, "127.0.0.1", 0, process_request=hold) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        alice = Person("alice", 1, "session")
        page = Reader(Ledger(1), alice, ["chat.1"], Page("chat.1"), [f"http://127.0.0.1:{port}"], Random(1))
        page.open()
        await asked.wait()
        closing = asyncio.create_task(page.close())
        await asyncio.sleep(0)
        answer.set()
        await closing
        async with asyncio.timeout(5):
            await gone.wait()
