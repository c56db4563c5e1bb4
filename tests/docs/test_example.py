"""The worked example of docs/developer.md is built from its very text, and does what is said there."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

SETTINGS = """
from project.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "kitchen"]
ROOT_URLCONF = "example_urls"
DATABASES["default"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": __file__ + ".sqlite3"}
"""
URLS = """
from django.urls import include, path

from project.urls import urlpatterns

urlpatterns = [*urlpatterns, path("kitchen/", include("kitchen.urls"))]
"""
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
    from kitchen.models import Order

    call_command("migrate", run_syncdb=True, verbosity=0)
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_user("alice"))
    return client, Order.objects.create(dish="Soup")


async def story():
    client, order = await sync_to_async(prepare)()
    page = await sync_to_async(client.get)("/kitchen/")
    assert 'id="board"' in page.content.decode(), page.content
    cookie = f"sessionid={client.cookies['sessionid'].value}".encode()
    headers = [(b"host", b"localhost"), (b"cookie", cookie)]
    socket = WebsocketCommunicator(application, "/ws/kitchen/1/?after=0", headers=headers)
    await socket.connect(timeout=5)
    first = await socket.receive_from(timeout=5)
    assert "Soup" in first and "ready" not in first, first
    answer = await sync_to_async(client.post)(f"/kitchen/{order.pk}/ready/")
    assert answer.status_code == 303
    pushed = await socket.receive_from(timeout=5)
    assert f'id="order-{order.pk}"' in pushed and "ready" in pushed, pushed
    await socket.disconnect()
    print("the board is live")


asyncio.run(story())
"""


def test_the_worked_example_is_a_live_page(tmp_path: Path) -> None:
    text = (ROOT / "docs/developer.md").read_text()
    files = dict(re.findall(r'```\w+ title="(kitchen/[^"]+)"\n(.*?)```', text, re.DOTALL))
    assert len(files) == 9
    files |= {
        "kitchen/__init__.py": "",
        "example_settings.py": SETTINGS,
        "example_urls.py": URLS,
        "story.py": STORY,
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}", "DJANGO_SETTINGS_MODULE": "example_settings"}
    told = subprocess.run(
        [sys.executable, "story.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert "the board is live" in told.stdout, told.stderr
