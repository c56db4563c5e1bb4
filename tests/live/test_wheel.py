"""The push service as a wheel in a project of somebody else's, whose people have another model, as they see it."""

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from websockets.exceptions import ConnectionClosed

from project import paths
from tests.live import shop as shops
from tests.live.person import Person, Socket
from tests.live.shop import Shop
from tests.live.stack import Site, fetch

pytestmark = pytest.mark.timeout(900)  # what is installed for it may have to be fetched
FRAME = '<a href="/">Shop</a>'
"""What only the project's own page has."""
SHELF = "/shelves/1/"
PATIENCE = 30.0
"""Seconds in which a machine that runs tests has what is asked for."""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel."""
    return shops.build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def shop(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A running project that has installed it."""
    python = shops.environment(tmp_path_factory.mktemp("environment") / "venv", wheel)
    with Shop(tmp_path_factory.mktemp("shop"), python) as running:
        yield running


def person(site: Site, name: str) -> Person:
    """Return somebody who has signed in on the project's own page."""
    return Person(site, f"{name}@shop.example", shops.PASSWORD)


@contextmanager
def page(who: Person, address: str, kind: str) -> Iterator[Socket]:
    """Open a page that follows a stream of this kind, and wait until it is connected."""
    with who.page(address) as socket:
        socket.frames_until(f"cursor-{kind}", PATIENCE)
        yield socket


def test_the_wheel_has_all_of_the_service_and_nothing_of_the_messenger(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as file:
        names = {name for name in file.namelist() if ".dist-info/" not in name}
    app, templates = paths.BASE_DIR / "notifications", paths.BASE_DIR / "templates"
    of_the_app = {path for path in app.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    of_its_pages = {path for path in (templates / "notifications").rglob("*") if path.is_file()}
    assert names == {str(path.relative_to(paths.BASE_DIR)) for path in of_the_app} | {
        f"notifications/templates/{path.relative_to(templates)}" for path in of_its_pages
    }


def test_a_project_needs_fifteen_lines() -> None:
    texts = [shops.blocks()[f"shop/{name}.py"] for name in ("settings", "asgi", "urls")]
    lines = [line for text in texts for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert len(lines) <= 15


def test_with_these_lines_nothing_is_missing(shop: Shop) -> None:
    assert "no issues" in shop.manage("check", "--fail-level", "WARNING")
    assert "No changes detected" in shop.manage("makemigrations", "--check", "--dry-run")


def test_a_live_region_of_the_projects_own_is_live(shop: Shop) -> None:
    alice, bob, carol = (person(shop, name) for name in ("alice", "bob", "carol"))
    assert carol.get(SHELF).status_code == 404
    with page(bob, SHELF, "shelf") as socket, carol.socket("/ws/live/shelf/1/?after=0") as carols:
        assert alice.post(f"{SHELF}filling/").status_code == 303
        (boxes,) = re.findall(r"\d+ boxes", socket.frames_until('data-verb="update"', PATIENCE)[-1])
        with pytest.raises(ConnectionClosed) as closed:
            carols.connection.recv(timeout=PATIENCE)
    assert closed.value.rcvd.code == 4404
    assert boxes in bob.get(SHELF).text


def test_any_server_shows_what_is_changed_on_another(shop: Shop) -> None:
    alice, bob = person(shop, "alice"), person(shop.other, "bob")
    with page(bob, SHELF, "shelf") as socket:
        alice.post(f"{SHELF}filling/")
        socket.frames_until('data-verb="update"', PATIENCE)


def test_a_call_rings_on_whatever_page_somebody_has_open(shop: Shop) -> None:
    alice, bob = person(shop, "alice"), person(shop, "bob")
    with page(bob, SHELF, "user") as socket, page(alice, SHELF, "user") as alices:
        alice.post(f"{SHELF}calling/")
        assert "toast" in "".join(socket.frames_until("alice@shop.example calls you to shelf 1", PATIENCE))
        shop.manage("notify", "alice@shop.example", "They are told")
        assert "calls you" not in "".join(alices.frames_until("They are told", PATIENCE))


def test_a_task_of_the_projects_worker_shows_how_far_it_is(shop: Shop) -> None:
    alice = person(shop, "alice")
    with page(alice, SHELF, "user") as socket:
        alice.post(f"{SHELF}counting/")
        frames = "".join(socket.frames_until("is-succeeded", PATIENCE))
    assert "Count of shelf 1" in frames
    assert "See the shelf" in frames
    assert "Count of shelf 1" in alice.get("/notifications/jobs/").text


def test_an_announcement_reaches_everybody_and_is_read_in_the_projects_frame(shop: Shop) -> None:
    alice, bob = person(shop, "alice"), person(shop, "bob")
    with page(bob, SHELF, "user") as socket:
        shop.manage("announce", "--all", "Closed on Monday", "--author", "alice@shop.example")
        (address,) = set(re.findall(r"/announcements/\d+/", socket.frames_until("Closed on Monday", PATIENCE)[-1]))
    read = bob.get(address)
    assert FRAME in read.text
    assert "Alice" in read.text, "who wrote it"
    (roll,) = set(re.findall(r"/announcements/rolls/\d+/", alice.get(address).text))
    assert "bob@shop.example" in alice.get(roll).text
    assert "alice@shop.example,Alice," in alice.get(f"{roll}roll.csv").text
    assert "carol@shop.example" not in alice.get(f"{roll}?q=ALI").text


@pytest.mark.parametrize(
    "address",
    [
        "/notifications/",
        "/notifications/?tab=archived",
        "/notifications/jobs/",
        "/announcements/",
        "/announcements/new/",
    ],
)
def test_the_services_pages_are_in_the_projects_frame(shop: Shop, address: str) -> None:
    shown = person(shop, "alice").get(address)
    assert shown.status_code == 200
    assert FRAME in shown.text
    signed_out = fetch(f"{shop.url}{address}")
    assert (signed_out.status_code, signed_out.headers["location"].partition("?")[0]) == (302, "/accounts/login/")


def test_the_projects_admin_finds_its_people_and_lets_them_go_with_their_inboxes(shop: Shop) -> None:
    alice = person(shop, "alice")
    shop.manage("notify", "carol@shop.example", "Goes with her")
    for kind in ("notification", "job", "announcement", "receipt"):
        assert alice.get(f"/admin/notifications/{kind}/?q=carol").status_code == 200
    assert "inbox of carol@shop.example" in alice.get("/admin/notifications/notification/?q=carol").text
    (pk,) = re.findall(r"/admin/store/member/(\d+)/change/\">carol@", alice.get("/admin/store/member/").text)
    assert "Are you sure" in alice.get(f"/admin/store/member/{pk}/delete/").text


def test_the_tray_shows_what_has_come(shop: Shop) -> None:
    carol = person(shop, "carol")
    shop.manage("notify", "carol@shop.example", "Something for the tray")
    assert 'id="tray"' in carol.get("/accounts/login/").text
    assert "Something for the tray" in carol.get("/notifications/tray/", headers={"HX-Request": "true"}).text


def test_all_that_a_page_links_is_there(shop: Shop) -> None:
    html = BeautifulSoup(person(shop, "bob").get(SHELF).text, "html.parser")
    linked = [str(tag.get("href") or tag["src"]) for tag in html.select("link[href], script[src]")]
    assert len(linked) > 20
    assert {address: fetch(f"{shop.url}{address}").status_code for address in linked} == dict.fromkeys(linked, 200)


def test_somebody_who_is_signed_out_gets_the_projects_page_with_no_socket(shop: Shop) -> None:
    shown = fetch(f"{shop.url}/accounts/login/").text
    assert FRAME in shown
    assert "data-socket" not in shown


def test_the_doctor_finds_the_projects_parts(shop: Shop) -> None:
    with pytest.raises(AssertionError) as told:
        shop.manage("push_doctor", "--url", shop.url, "--user", "bob@shop.example")
    said = str(told.value)
    assert "a push by a worker came through the channel layer" in said
    assert f"a push reached a socket of {shop.url}" in said
    assert re.findall("^FAIL.*", said, re.MULTILINE) == ["FAIL  Celery beat was never at work"], "none runs here"
