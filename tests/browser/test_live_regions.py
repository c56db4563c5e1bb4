"""A part of a page that follows an object: the boards of the developers' worked example."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page, Route, expect

from tests.browser.pages import (
    are_closed,
    enter_room,
    expect_messages,
    fresh_name,
    heard,
    hold,
    open_chat,
    post_at_once,
    send_form,
    wait_for,
    wait_until_connected,
    watch_sockets,
)
from tests.browser.proxy import Proxy
from tests.docs import example
from tests.live.stack import Stack

People = Callable[..., Page]
NEW_BOARD = """
from django.contrib.auth.models import User
from kitchen.models import Board
board = Board.objects.create()
board.cooks.set(User.objects.filter(username__in=["alice", "bob"]))
answer = [board.pk, *(board.orders.create(dish=dish).pk for dish in ("Soup", "Stew", "Pie"))]
"""
DO = """
from django.contrib.auth.models import User
from kitchen.models import Board
from notifications.live.verbs import *
from notifications.live.door import EVERYBODY, suppress_pushes
board = Board.objects.get(pk={})
{}
"""
FORBID = """
from notifications.push import recheck_rights
alice = User.objects.get(username="alice")
board.cooks.remove(alice)
recheck_rights([alice.pk])
"""
VERBS = """
soup, stew, pie = board.orders.all()
with suppress_pushes():
    salad = board.orders.create(dish="Salad")
    pie.dish = "Tart"
    pie.save()
prepend(board, "#orders", "kitchen/_order.html", {"order": salad})
remove(board, f"#{dom_id(stew)}")
replace(board, f"#{dom_id(pie)}", "kitchen/_order.html", {"order": pie})
append(board, "#live-board-" + str(board.pk), "kitchen/_table.html")
for dish in ("Tea", "Milk"):
    append(board, "#rows", "kitchen/_row.html", {"dish": dish})
update(EVERYBODY, "#toasts", "kitchen/_row.html", {"dish": "Closing time"})
"""

# What is asked for is noted in the page: from outside, a socket of before may be heard of only afterwards.
TAKE_OUT = """() => {
  window.asked = []
  window.WebSocket = class extends WebSocket { constructor(url) { super(url); asked.push(url) } }
  htmx.swap("main", "<p>No orders</p>", { swapStyle: "innerHTML" })
}"""


BRING_IN = """async address => {
  const page = document.createElement("template")
  page.innerHTML = await (await fetch(address)).text()
  htmx.swap("main", page.content.querySelector(".live").outerHTML, { swapStyle: "innerHTML" })
}"""
ANOTHER_REGION = """() => {
  const region = document.querySelector(".live"), another = region.cloneNode(true)
  const content = another.querySelector("[data-live]")
  content.id = content.id.replace("live", "again")
  region.after(another)
  htmx.process(another)
}"""

# One message as it comes after those that were said later, and once more.
COMES_LATE = """text => {
  const late = [...document.querySelectorAll("#messages article")].find(article => article.textContent.includes(text))
  late.remove()
  const frame = `<div hx-swap-oob="beforeend:[data-messages]">${late.outerHTML}</div>`
  for (let times = 0; times < 2; times++) htmx.swap("body", frame, { swapStyle: "none" })
}"""

SWAPS_OF_ANOTHER = """() => {
  document.querySelector("#main").innerHTML = `<p id="total">1</p><p id="full">full</p><p id="old"></p>`
  htmx.swap("body", `
    <p id="total" hx-swap-oob="innerHTML">2</p>
    <p hx-swap-oob="innerHTML:#full"></p>
    <p id="old" hx-swap-oob="delete"></p>`, { swapStyle: "none" })
}"""


class Kitchen:
    """A board of alice's and bob's with three orders."""

    def __init__(self, stack: Stack, shell: Callable[[str], Any]) -> None:
        self.stack = stack
        self.shell = shell
        self.pk, *self.orders = shell(NEW_BOARD)
        self.address = f"/kitchen/boards/{self.pk}/"

    def do(self, code: str) -> None:
        """Run code of a developer's, with `board` at hand."""
        self.shell(DO.format(self.pk, code))

    def partial(self, name: str, text: str) -> None:
        """Write a template of the app's."""
        (self.stack.code / "kitchen/templates/kitchen" / name).write_text(text)

    def open(self, page: Page) -> None:
        """Open the board and wait until it is connected."""
        page.goto(self.address)
        wait_until_connected(page)


@pytest.fixture
def kitchen(stack: Stack) -> Iterator[Kitchen]:
    """A fresh board, and a process that works on it."""
    with example.shell(stack.code, stack.env) as shell:
        yield Kitchen(stack, shell)


def expect_orders(page: Page, *texts: str) -> None:
    """Wait until the board shows exactly these orders."""
    expect(page.locator("#orders > li")).to_have_text(list(texts))


def turn_ready(page: Page, order: int) -> None:
    """Turn an order ready as this person."""
    assert send_form(page, f"/kitchen/orders/{order}/ready/") == 303


@pytest.mark.every_engine
def test_region_is_whole_after_whatever_was_lost(person: People, proxy: Proxy, kitchen: Kitchen) -> None:
    alice, bob, carol = person("alice", site=proxy.url), person("bob"), person("carol")
    watch_sockets(carol)
    assert carol.request.get(kitchen.address).status == 404
    carol.goto("/accounts/profile/")
    kitchen.open(alice)
    bob.goto("/accounts/profile/")
    turn_ready(bob, kitchen.orders[0])
    expect_orders(alice, "Soup, ready", "Stew", "Pie")
    proxy.is_down = True
    proxy.cut()
    turn_ready(bob, kitchen.orders[1])
    kitchen.do("board.orders.create(dish='Cake'); board.orders.get(dish='Pie').delete()")
    expect_orders(alice, "Soup, ready", "Stew", "Pie")
    proxy.is_down = False
    expect_orders(alice, "Soup, ready", "Stew, ready", "Cake")
    wait_until_connected(alice)
    kitchen.do("board.orders.create(dish='Bread')")
    expect_orders(alice, "Soup, ready", "Stew, ready", "Cake", "Bread")
    assert not re.search("order|board", heard(carol))
    # The object is gone, and what showed it.
    kitchen.do("board.delete()")
    expect(alice.locator("#orders")).to_have_count(0)


def test_region_misses_nothing_before_its_socket_or_without_one(person: People, proxy: Proxy, kitchen: Kitchen) -> None:
    alice, bob = person("alice", site=proxy.url), person("bob")
    bob.goto("/accounts/profile/")
    proxy.websockets_may_pass.clear()
    alice.goto(kitchen.address)
    turn_ready(bob, kitchen.orders[0])
    expect_orders(alice, "Soup", "Stew", "Pie")
    proxy.websockets_may_pass.set()
    expect_orders(alice, "Soup, ready", "Stew", "Pie")
    proxy.blocks_websockets = proxy.blocks_events = True
    proxy.cut()
    alice.clock.install()
    alice.goto(kitchen.address)
    expect(alice.locator("#connection")).to_contain_text("Reconnecting…", use_inner_text=True)
    turn_ready(bob, kitchen.orders[1])
    expect_orders(alice, "Soup, ready", "Stew", "Pie")
    alice.clock.fast_forward(12_000)
    alice.clock.run_for(1_000)
    expect_orders(alice, "Soup, ready", "Stew, ready", "Pie")


@pytest.mark.parametrize("is_cut_off", [False, True], ids=["while-connected", "while-cut-off"])
def test_region_that_was_taken_out_of_a_page_asks_for_nothing(
    person: People, proxy: Proxy, kitchen: Kitchen, is_cut_off: bool
) -> None:
    alice = person("alice", site=proxy.url)
    alice.clock.install()
    kitchen.open(alice)
    if is_cut_off:
        proxy.is_down = True
        proxy.cut()
        expect(alice.locator("[data-connected]")).to_have_count(0)
    asked: list[str] = []
    alice.on("request", lambda request: asked.append(request.url))
    alice.evaluate(TAKE_OUT)
    proxy.is_down = False
    alice.clock.fast_forward("01:10")
    alice.clock.run_for(10_000)
    wait_until_connected(alice)
    expect(alice.locator("#connection")).to_be_hidden()
    asked += alice.evaluate("asked")
    assert any("notifications" in address for address in asked), "nothing else was tried again either"
    assert not [address for address in asked if "board" in address]


def test_regions_come_and_go_on_the_socket_that_the_page_has(person: People, kitchen: Kitchen) -> None:
    alice, bob = person("alice"), person("bob")
    bob.goto("/accounts/profile/")
    watch_sockets(alice)
    alice.goto("/accounts/profile/")
    wait_until_connected(alice)
    alice.evaluate(BRING_IN, kitchen.address)
    # Before the page follows it, and after.
    turn_ready(bob, kitchen.orders[0])
    expect_orders(alice, "Soup, ready", "Stew", "Pie")
    expect(alice.locator("[ws-connect*='board.'][data-connected]")).to_have_count(1)
    turn_ready(bob, kitchen.orders[1])
    expect_orders(alice, "Soup, ready", "Stew, ready", "Pie")
    assert are_closed(alice)[1:] == [False]
    # Who may not see it any more loses it, and nothing else.
    kitchen.do(FORBID)
    expect(alice.locator("#orders")).to_have_count(0)
    kitchen.do("from notifications.push import notify; notify(User.objects.get(username='alice'), 'The oven is hot.')")
    expect(alice.locator("#toasts")).to_contain_text("The oven is hot.")
    assert are_closed(alice)[1:] == [False]
    kitchen.do("board.cooks.add(User.objects.get(username='alice'))")
    alice.evaluate(BRING_IN, kitchen.address)
    wait_for(alice, lambda: are_closed(alice)[1:] == [True, False])
    wait_until_connected(alice)
    alice.evaluate("document.querySelector('main').replaceChildren()")
    expect(alice.locator("[ws-connect][data-connected]:not([ws-connect*='board.'])")).to_have_count(1)
    wait_for(alice, lambda: are_closed(alice)[1:] == [True, True, False])


def test_verbs_do_what_they_say_once_also_while_the_region_is_fetched(
    person: People, proxy: Proxy, kitchen: Kitchen
) -> None:
    alice, carol = person("alice", site=proxy.url), person("carol")
    watch_sockets(alice)
    kitchen.open(alice)
    carol.goto("/accounts/profile/")
    wait_until_connected(carol)
    kitchen.partial("_table.html", "<table><tbody id='rows'></tbody></table>")
    kitchen.partial("_row.html", "<tr><td>{{ dish }}</td></tr>")
    kitchen.do(VERBS)
    expect_orders(alice, "Salad", "Soup", "Tart")
    expect(alice.locator("#rows > tr > td")).to_have_text(["Tea", "Milk"])
    expect(alice.locator("#toasts td")).to_have_text(["Closing time"])
    expect(carol.locator("#toasts td")).to_have_text(["Closing time"])
    expect(carol.locator("#orders, #rows")).to_have_count(0)

    held = hold(alice, f"**{kitchen.address}")

    def fetched_again() -> Route:
        """Have the region fetched because pushes were lost, and hold its request."""
        proxy.is_down = True
        proxy.cut()
        kitchen.do("board.orders.all().delete()")
        proxy.is_down = False
        wait_for(alice, lambda: bool(held))
        wait_until_connected(alice)
        return held.pop()

    def bring(dish: str) -> None:
        kitchen.do(f"board.orders.create(dish={dish!r})")
        wait_for(alice, lambda: dish in heard(alice))

    # The answer is older than what comes before it is there.
    route = fetched_again()
    answer = route.fetch()
    bring("Cake")
    route.fulfill(response=answer)
    expect_orders(alice, "Cake")
    # There is no answer, and then one that shows already what came before it.
    fetched_again().fulfill(status=503)
    wait_for(alice, lambda: bool(held))
    bring("Bread")
    held.pop().continue_()
    expect_orders(alice, "Bread")
    bring("Jam")
    expect_orders(alice, "Bread", "Jam")


def test_two_regions_of_an_object_are_both_whole(person: People, proxy: Proxy, kitchen: Kitchen) -> None:
    alice = person("alice", site=proxy.url)
    watch_sockets(alice)
    held: list[tuple[Route, str]] = []

    def answer(route: Route) -> None:
        """Answer with both regions: the first request of each when the test says so, what may follow it at once."""
        page = BeautifulSoup(route.fetch().text(), "html.parser")
        region = page.select_one("[data-live]")
        assert region
        region.insert_after(BeautifulSoup(str(region).replace('id="live-board', 'id="again-board'), "html.parser"))
        if len(held) < 2:
            held.append((route, str(page)))
        else:
            route.fulfill(body=str(page), content_type="text/html")

    kitchen.open(alice)
    alice.evaluate(ANOTHER_REGION)
    wait_until_connected(alice)
    expect_orders(alice, *["Soup", "Stew", "Pie"] * 2)
    alice.route(f"**{kitchen.address}", answer)
    proxy.is_down = True
    proxy.cut()
    kitchen.do("board.orders.all().delete()")
    proxy.is_down = False
    wait_for(alice, lambda: len(held) == 2)
    for number, dish in enumerate(("Cake", "Bread")):
        route, body = held[number]
        route.fulfill(body=body, content_type="text/html")
        kitchen.do(f"board.orders.create(dish={dish!r})")
        wait_for(alice, lambda: dish in heard(alice))  # noqa: B023
    expect_orders(alice, *["Cake", "Bread"] * 2)


def serve_changed(page: Page, address: str, change: Callable[[BeautifulSoup], None]) -> None:
    """Have a page come with its HTML changed."""

    def serve(route: Route) -> None:
        answer = route.fetch()
        html = BeautifulSoup(answer.text(), "html.parser")
        change(html)
        route.fulfill(response=answer, body=str(html))

    # A page that came from no address may otherwise not connect to this machine.
    page.context.grant_permissions(["local-network-access"])
    page.route(f"**{address}", serve)


def turn_scripts_round(html: BeautifulSoup) -> None:
    """Put the product's scripts behind htmx's in the opposite order."""
    scripts = html.select("script[src*='/notifications/'], script[src*='/messaging/']")
    assert len(scripts) > 10
    (head,) = html.select("head")
    head.extend([script.extract() for script in reversed(scripts)])


def leave_nothing_but_regions(html: BeautifulSoup) -> None:
    """Make the page one of a project that has no more of Bellwire than a region and the scripts."""
    (settings,), (body,), regions = html.select("meta[name=htmx-config]"), html.select("body"), html.select(".live")
    settings.decompose()
    body.clear()
    body.extend(regions)


def test_order_of_script_tags_decides_nothing(person: People, proxy: Proxy, kitchen: Kitchen) -> None:
    alice, bob = person("alice", site=proxy.url), person("bob")
    chat = enter_room(alice, fresh_name("Turned round"))
    post_at_once(alice, chat, ["one", "two", "three"])
    for address in (chat, kitchen.address, "/notifications/"):
        serve_changed(alice, address, turn_scripts_round)
    open_chat(alice, chat)
    alice.evaluate(COMES_LATE, "one")
    expect_messages(alice, "one", "two", "three")
    kitchen.open(alice)
    bob.goto("/accounts/profile/")
    turn_ready(bob, kitchen.orders[0])
    expect_orders(alice, "Soup, ready", "Stew", "Pie")
    proxy.is_down = True
    proxy.cut()
    kitchen.do("board.orders.get(dish='Pie').delete()")
    proxy.is_down = False
    expect_orders(alice, "Soup, ready", "Stew")
    # The list of notifications takes what is pushed at its top, from the pushed rows that nothing else has dropped.
    alice.goto("/notifications/")
    wait_until_connected(alice)
    kitchen.do("from notifications.push import notify; notify(board.cooks.get(username='alice'), 'The oven is hot.')")
    expect(alice.locator("#notifications > li").first).to_contain_text("The oven is hot.")


def test_region_lives_in_a_page_that_has_nothing_else(person: People, proxy: Proxy, kitchen: Kitchen) -> None:
    alice, bob = person("alice", site=proxy.url), person("bob")
    serve_changed(alice, kitchen.address, leave_nothing_but_regions)
    bob.goto("/accounts/profile/")
    kitchen.open(alice)
    assert alice.locator(".bell, #tray, #toasts, #bell-badge, #notifications, #failure, #connection").count() == 0
    turn_ready(bob, kitchen.orders[0])
    expect_orders(alice, "Soup, ready", "Stew", "Pie")
    alice.keyboard.press("j")
    alice.locator("#orders").click()
    proxy.is_down = True
    proxy.cut()
    turn_ready(bob, kitchen.orders[1])
    proxy.is_down = False
    expect_orders(alice, "Soup, ready", "Stew, ready", "Pie")
    wait_until_connected(alice)
    kitchen.do("board.delete()")
    expect(alice.locator("#orders")).to_have_count(0)


def test_swaps_of_another_app_do_what_they_say(person: People) -> None:
    alice = person("alice")
    alice.goto("/accounts/profile/")
    alice.evaluate(SWAPS_OF_ANOTHER)
    expect(alice.locator("#total")).to_have_text("2")
    expect(alice.locator("#full")).to_have_text("")
    expect(alice.locator("#old")).to_have_count(0)
