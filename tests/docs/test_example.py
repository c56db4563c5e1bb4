"""The worked example of docs/developer.md is built from its very text, and does what is said there."""

from pathlib import Path

from tests.docs import example

STORY = """
import asyncio

import django

django.setup()
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from project.asgi import application


def prepare():
    from kitchen.models import Board

    call_command("migrate", verbosity=0)
    people = {name: Client(headers={"host": "localhost"}) for name in ("alice", "bob", "carol")}
    board = Board.objects.create()
    for name, client in people.items():
        user = User.objects.create_user(name)
        client.force_login(user)
        if name != "carol":
            board.cooks.add(user)
    return people, board, board.orders.create(dish="Soup")


async def open_socket(client, board):
    cookie = f"sessionid={client.cookies['sessionid'].value}".encode()
    headers = [(b"host", b"localhost"), (b"cookie", cookie)]
    socket = WebsocketCommunicator(application, f"/ws/live/board/{board.pk}/?after=1", headers=headers)
    await socket.connect(timeout=5)
    return socket


async def story():
    people, board, order = await sync_to_async(prepare)()
    pages = {name: await sync_to_async(client.get)(f"/kitchen/boards/{board.pk}/") for name, client in people.items()}
    assert {name: page.status_code for name, page in pages.items()} == {"alice": 200, "bob": 200, "carol": 404}
    page = pages["alice"].content.decode()
    assert f'<li id="order-{order.pk}">Soup</li>' in page and 'data-seq="1"' in page, page

    alices, carols = [await open_socket(people[name], board) for name in ("alice", "carol")]
    assert (await carols.receive_output(timeout=5)) == {"type": "websocket.close", "code": 4404}
    assert "stale" not in await alices.receive_from(timeout=5), "she has what there is"
    answers = [
        await sync_to_async(people[name].post)(f"/kitchen/orders/{order.pk}/ready/") for name in ("carol", "bob")
    ]
    assert [answer.status_code for answer in answers] == [404, 303]
    pushed = await alices.receive_from(timeout=5)
    assert f'hx-swap-oob="outerHTML:#order-{order.pk}"' in pushed and "Soup, ready" in pushed, pushed
    await alices.disconnect()
    print("the board is live")


asyncio.run(story())
"""


def test_the_worked_example_is_a_live_page(tmp_path: Path) -> None:
    files = example.files()
    assert len(files) == 6
    assert len([line for text in files.values() for line in text.splitlines() if line.strip()]) <= 60
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "example.sqlite3")}
    environment = example.install(tmp_path, DATABASES=repr({"default": database}))
    (tmp_path / "story.py").write_text(STORY)
    assert "the board is live" in example.run(tmp_path, environment, "story.py")
