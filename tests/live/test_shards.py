"""Pushes spread over several Redis servers."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.faults.site import Redis
from tests.live.person import Person
from tests.live.stack import Stack

ROOMS = 8


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[list[Redis]]:
    """Two more Redis servers."""
    started = [Redis(tmp_path / name) for name in ("first", "second")]
    yield started
    for server in started:
        server.close()


def pushes_through(server: Redis) -> int:
    with redis.Redis.from_url(server.url) as client:
        return int(client.info("commandstats").get("cmdstat_publish", {}).get("calls", 0))


def test_groups_are_spread_over_the_servers_that_layer_urls_names(
    code: Path, tmp_path: Path, servers: list[Redis]
) -> None:
    with Stack(
        code, tmp_path / "state", LAYER_URLS=",".join(each.url for each in servers), METRICS_TOKEN="metrics"
    ) as stack:
        alice = Person(stack, "alice")
        for number in range(ROOMS):
            alice.post("/chats/new/", {"name": f"Room {number}", "kind": "open"})
            chat, body = alice.chat(f"Room {number}"), f"hello {uuid.uuid4()}"
            with alice.socket(f"/ws/live/chat/{chat}/?after=0") as socket:
                socket.frames_until("cursor-chat")
                alice.post(f"/chats/{chat}/messages/", {"body": body, "client_id": str(uuid.uuid4())})
                socket.frames_until(body)
        assert all(pushes_through(server) for server in servers)
        metrics = alice.get("/metrics", headers={"Authorization": "Bearer metrics"}).text
        assert 'bellwire_pushes_total{event="new_message"}' in metrics
        assert "bellwire_heals_total{" not in metrics, "something did not come by Redis"
