"""The files of `deploy/`: a proxy before two web servers does nothing worse than they do by themselves."""

import contextlib
import os
import re
import shutil
import signal
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.live.person import Person
from tests.live.stack import until
from tests.security.proxied import PASSWORD, Proxied, caddy, nginx

pytestmark = pytest.mark.live

FAR = 10**9
"""A place in a stream that nobody has come to: nothing is replayed."""
MANY = 40
QUIET_SECONDS = 24
"""Past the web server's first ping."""
PROXIES = {"nginx": nginx, "caddy": caddy}


@pytest.fixture(scope="module", params=PROXIES)
def site(request: pytest.FixtureRequest, code: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """A Bellwire behind each of the proxies."""
    if not shutil.which(request.param):
        pytest.skip(f"no {request.param} on PATH (Debian: apt install nginx-light caddy)")
    with Proxied(PROXIES[request.param], code, tmp_path_factory.mktemp(request.param)) as running:
        yield running


def post(alice: Person, chat: int, text: str) -> None:
    answer = alice.post(f"/chats/{chat}/messages/", {"body": text, "client_id": str(uuid.uuid4())})
    assert answer.status_code == 303, answer.text


def test_a_conversation_over_tls(site: Proxied) -> None:
    alice, bob = Person(site, "alice", PASSWORD), Person(site, "bob", PASSWORD)
    assert all(cookie.secure for cookie in alice.client.cookies.jar)
    chat = alice.chat("General")
    with bob.socket(f"/ws/live/chat/{chat}/?after=0") as page:
        page.frames_until(f"cursor-chat-{chat}")
        post(alice, chat, "Is this thing on?")
        page.frames_until("Is this thing on?")


def test_events_pass_one_by_one_as_they_come(site: Proxied) -> None:
    alice, bob = Person(site, "alice", PASSWORD), Person(site, "bob", PASSWORD)
    chat = alice.chat("General")
    with bob.client.stream("GET", f"/sse/live/chat/{chat}/") as answer:
        lines = answer.iter_lines()
        assert any("synced" in line for line in lines)
        for text in ("a short one", "and another"):
            post(alice, chat, text)
            assert any(text in line for line in lines), "it is not kept until a buffer is full"


def test_plain_http_leads_to_https(site: Proxied) -> None:
    answer = httpx.get(f"http://127.0.0.1:{site.http_port}/chats/", headers={"Host": "chat.example.org"})
    assert answer.status_code in {301, 308}
    assert answer.headers["Location"].startswith("https://chat.example.org")


def test_what_a_client_says_of_its_address_is_not_believed(site: Proxied) -> None:
    def spoofed(number: int) -> int:
        said = f"203.0.113.{number}"
        headers = {"X-Forwarded-For": said, "X-Real-IP": said, "Forwarded": f"for={said}"}
        return wrong_sign_in(site, "carol", "127.0.0.3", **headers)

    with ThreadPoolExecutor(4) as clients:
        assert sorted(clients.map(spoofed, range(12))) == [422] * 10 + [429] * 2
    assert wrong_sign_in(site, "carol", "127.0.0.4") != 429, "another address is another client"


def wrong_sign_in(site: Proxied, name: str, address: str, **headers: str) -> int:
    with site.client(address, **headers) as client:
        client.get("/accounts/login/")
        token = next(value for name, value in client.cookies.items() if name.endswith("csrftoken"))
        form = {"csrfmiddlewaretoken": token, "username": name, "login": name, "password": "a wrong one"}
        return client.post("/accounts/login/", data=form).status_code


def test_what_is_too_large_is_refused(site: Proxied) -> None:
    with site.client() as client:
        answer = client.post("/accounts/login/", content=b"x" * 1_100_000)
        assert answer.status_code == 413
        assert client.get("/accounts/login/").status_code == 200


def test_a_large_file_passes_and_is_as_inert_as_without_a_proxy(site: Proxied) -> None:
    alice, bob, carol = (Person(site, name, PASSWORD) for name in ("alice", "bob", "carol"))
    chat, data = alice.chat("General"), os.urandom(20 * 2**20)
    sent = alice.post(f"/chats/{chat}/files/", files={"file": ("data.png", data)})
    assert sent.status_code == 200, sent.text
    address = re.findall(r'data-address="([^"]+)"', sent.text)[0]
    with bob.client.stream("GET", f"{address}content/") as answer:
        assert answer.status_code == 404, "nobody has been shown it yet"
    key = address.split("/")[-2]
    assert alice.post(f"/chats/{chat}/messages/", {"body": "", "files": key}).status_code == 303
    answer = bob.get(f"{address}content/", headers={"Range": "bytes=1000-1999"})
    assert (answer.status_code, answer.content) == (206, data[1000:2000])
    assert bob.get(f"{address}content/").content == data
    named = answer.headers
    assert named["Content-Disposition"] == 'attachment; filename="data.png"'
    assert named["Content-Type"] == "application/octet-stream"
    assert {"sandbox", "default-src 'none'"} <= set(named["Content-Security-Policy"].split("; "))
    assert (named["X-Content-Type-Options"], named["Cross-Origin-Resource-Policy"]) == ("nosniff", "same-origin")
    assert "no-store" in named["Cache-Control"]
    assert carol.get(f"/files-of-bellwire/{key[:2]}/{key.replace('-', '')}.original").status_code == 404


def test_who_does_not_read_holds_nobody_up_and_reads_on_later(site: Proxied) -> None:
    alice, bob = Person(site, "alice", PASSWORD), Person(site, "bob", PASSWORD)
    chat = alice.chat("General")
    follow = f"/ws/live/chat/{chat}/?after={FAR}"
    with bob.socket(follow) as slow, bob.socket(follow) as page:
        slow.frames_until(f"cursor-chat-{chat}")
        page.frames_until(f"cursor-chat-{chat}")
        texts = [f"number {number} of {uuid.uuid4()}" for number in range(MANY)]
        for text in texts:
            # The client itself stops reading from the network when so many frames wait for whoever asks for them.
            post(alice, chat, f"{text}{' and so on' * 900}")
            page.frames_until(text)
        read = "".join(slow.frames_until(texts[-1], timeout=20))
    assert re.findall(r"number \d+ of [0-9a-f-]{36}", read) == texts


def test_a_page_that_nothing_happens_on_stays_connected(site: Proxied) -> None:
    alice, bob = Person(site, "alice", PASSWORD), Person(site, "bob", PASSWORD)
    chat = alice.chat("General")
    with bob.socket(f"/ws/live/chat/{chat}/?after=0") as page:
        page.frames_until(f"cursor-chat-{chat}")
        quiet_until = time.monotonic() + QUIET_SECONDS
        with contextlib.suppress(TimeoutError):
            while frame := page.connection.recv(timeout=max(0, quiet_until - time.monotonic())):
                assert "<article" not in str(frame)
        post(alice, chat, "Still there?")
        page.frames_until("Still there?")


def test_nothing_is_lost_while_the_web_servers_are_started_anew_one_by_one(site: Proxied) -> None:
    alice, bob = Person(site, "alice", PASSWORD), Person(site, "bob", PASSWORD)
    chat = alice.chat("General")
    texts = [f"kept {number} of {uuid.uuid4()}" for number in range(30)]
    first = site.stack.children()["uvicorn"]
    for number, text in enumerate(texts):
        if number == 10:
            os.kill(first, signal.SIGTERM)
        if number == 20:
            until(lambda: site.stack.children().get("uvicorn", first) != first)
            site.second.send_signal(signal.SIGTERM)
        post(alice, chat, text)
    assert site.second.wait(timeout=25) == 0
    site.start_second()
    with bob.socket(f"/ws/live/chat/{chat}/?after=0") as page:
        frames = "".join(page.frames_until(texts[-1]))
    shown = re.findall(r"kept \d+ of [0-9a-f-]{36}", frames)
    assert list(dict.fromkeys(shown)) == texts


@pytest.fixture(params=PROXIES)
def below(request: pytest.FixtureRequest, code: Path, tmp_path: Path) -> Iterator[Proxied]:
    """A Bellwire behind each of the proxies, below a prefix."""
    if not shutil.which(request.param):
        pytest.skip(f"no {request.param} on PATH (Debian: apt install nginx-light caddy)")
    with Proxied(PROXIES[request.param], code, tmp_path, prefix="/bell") as running:
        yield running


def test_a_site_below_a_prefix(below: Proxied) -> None:
    alice, bob = Person(below, "alice", PASSWORD), Person(below, "bob", PASSWORD)
    kept = {(cookie.name, cookie.path, cookie.secure) for cookie in alice.client.cookies.jar}
    assert kept == {("__Secure-sessionid", "/bell", True), ("__Secure-csrftoken", "/bell", True)}
    chat = alice.chat("General")
    with bob.socket(f"/ws/live/chat/{chat}/?after=0") as page:
        page.frames_until(f"cursor-chat-{chat}")
        post(alice, chat, "Is this thing on?")
        page.frames_until("Is this thing on?")
    assert alice.get("/chats/mine").headers["Location"] == "/bell/chats/mine/"
    assert alice.post(f"/chats/{chat}/exports/").status_code == 303
    until(lambda: "/bell/exports/" in alice.get("/notifications/jobs/").text)
    (export,) = set(re.findall(r'"/bell(/exports/\d+/)"', alice.get("/notifications/jobs/").text))
    assert alice.get(export).content.startswith(b"PK")
    style = re.findall(r'href="/bell(/static/[^"]+\.css)"', alice.get("/").text)[0]
    assert alice.get(style).headers["Content-Type"].startswith("text/css")
    with below.client() as client:
        beside = client.get(f"{below.origin}/accounts/login/")
        assert beside.status_code == 404 or not beside.text, "what is beside the prefix is not ours"
