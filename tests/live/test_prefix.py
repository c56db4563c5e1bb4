"""A site below a prefix of its address, on both servers: nothing leads out of it, and nothing is missed in it.

One of them is at an address of IPv6, where hosts have brackets.
"""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from bs4 import BeautifulSoup

from tests.live.person import Person
from tests.live.stack import UNLIMITED, Stack, doctor, fetch, until

PREFIX = "/tools/bell"
LEADING = ("href", "src", "action", "formaction", "hx-get", "hx-post", "hx-delete", "data-socket", "data-sign-in")
"""The attributes that hold addresses."""

pytestmark = pytest.mark.live


@pytest.fixture(scope="module", params=[("uvicorn", "::1"), ("daphne", "127.0.0.1")], ids=" at ".join)
def site(request: pytest.FixtureRequest, code: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A run of Bellwire below the prefix, at an address of either kind."""
    server, host = request.param
    state = tmp_path_factory.mktemp(server) / "state"
    with Stack(code, state, SERVER=server, PATH_PREFIX=PREFIX, LIMITS=UNLIMITED, HOST=host) as running:
        yield running


def addresses(page: str) -> set[str]:
    """Return the addresses of this site that stand in a page."""
    elements = BeautifulSoup(page, "html.parser").select(",".join(f"[{name}^='/']" for name in LEADING))
    return {str(each[name]) for each in elements for name in LEADING if str(each.get(name, "")).startswith("/")}


def at_root(site: Stack) -> str:
    return site.url.removesuffix(PREFIX)


def test_no_page_leads_out_of_the_prefix(site: Stack) -> None:
    alice = Person(site, "alice")
    to_see, seen = [f"{PREFIX}/"], set[str]()
    while to_see and len(seen) < 60:
        path = to_see.pop(0)
        seen.add(path)
        answer = alice.get(path.removeprefix(PREFIX))
        assert answer.status_code in {200, 302, 303}, path
        found = addresses(answer.text) | {urlsplit(answer.headers.get("Location", "")).path} - {""}
        assert {each for each in found if not each.startswith(f"{PREFIX}/")} == set(), path
        links = {str(each["href"]) for each in BeautifulSoup(answer.text, "html.parser").select("a[href^='/']")}
        to_see += sorted(links - seen - set(to_see))
    assert len(seen) > 20


def test_pages_have_their_styles_and_scripts(site: Stack) -> None:
    alice = Person(site, "alice")
    files = {each for each in addresses(alice.get("/").text) if "/static/" in each}
    assert len(files) > 10
    for path in files:
        assert alice.get(path.removeprefix(PREFIX)).status_code == 200, path


def test_a_conversation_is_followed(site: Stack) -> None:
    alice, bob = Person(site, "alice"), Person(site, "bob")
    chat = alice.chat("General")
    with bob.page(f"/chats/{chat}/") as socket:
        socket.frames_until(f"cursor-chat-{chat}")
        alice.post(f"/chats/{chat}/messages/", {"body": "Hello @bob below", "client_id": str(uuid.uuid4())})
        pushed = "".join(socket.frames_until("below"))
    assert {each for each in addresses(pushed) if not each.startswith(f"{PREFIX}/")} == set()
    # A worker writes this one.
    until(lambda: "Hello @bob below" in bob.get("/notifications/").text)
    opened = BeautifulSoup(bob.get("/notifications/").text, "html.parser").select_one(".notification-open")
    answer = bob.post(str(opened["formaction"]).removeprefix(PREFIX))
    assert answer.headers["Location"].startswith(f"{PREFIX}/chats/{chat}/")


def test_an_export_is_downloaded(site: Stack) -> None:
    alice = Person(site, "alice")
    assert alice.post(f"/chats/{alice.chat('Launch')}/exports/").status_code == 303

    def links() -> list[str]:
        return re.findall(rf'"{PREFIX}(/exports/\d+/)"', alice.get("/notifications/jobs/").text)

    until(links)
    answer = alice.get(links()[0])
    assert (answer.status_code, answer.content[:2]) == (200, b"PK")


def test_cookies_are_for_the_prefix_alone(site: Stack) -> None:
    alice = Person(site, "alice")
    kept = {cookie.name: cookie.path for cookie in alice.client.cookies.jar}
    assert kept == {"sessionid": PREFIX, "csrftoken": PREFIX}
    # Signing out forgets no more than this site's own.
    answer = alice.post("/accounts/logout/")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert answer.headers["Location"] == f"{PREFIX}/accounts/login/"


def test_who_is_not_signed_in_is_led_to_sign_in_and_back(site: Stack) -> None:
    with site.client() as client:
        answer = client.get("/chats/mine/")
        assert answer.headers["Location"] == f"{PREFIX}/accounts/login/?next={PREFIX}/chats/mine/"
        assert client.get(f"{at_root(site)}{PREFIX}").headers["Location"] == f"{PREFIX}/"
        missing = client.get("/nothing/here/", headers={"Accept": "text/html"})
        assert missing.status_code == 404 or missing.headers["Location"].startswith(f"{PREFIX}/")
    alice = Person(site, "alice")
    missing = alice.get("/nothing/here/")
    assert missing.status_code == 404
    assert f'href="{PREFIX}/"' in missing.text
    assert {each for each in addresses(missing.text) if not each.startswith(f"{PREFIX}/")} == set()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_said_with_and_without_the_prefix(site: Stack, path: str) -> None:
    for address in (f"{site.url}{path}", f"{at_root(site)}{path}"):
        assert fetch(address).status_code == 200
        assert httpx.request("GET", address, content=b"x", trust_env=False).status_code == 413


def test_a_proxy_may_take_the_prefix_off(site: Stack) -> None:
    answer = fetch(f"{at_root(site)}/accounts/login/")
    assert answer.status_code == 200
    assert {each for each in addresses(answer.text) if not each.startswith(f"{PREFIX}/")} == set()
    assert fetch(f"{site.url}wire/").status_code in {302, 404}, "another site beside it"


def test_the_doctor_finds_the_site(site: Stack) -> None:
    for arguments in (("--url", site.url), ()):
        code, said = doctor(site, *arguments)
        assert code == 0, said
