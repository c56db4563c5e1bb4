"""Every page holds together, whatever is in it: on a desk, on a phone, with large text, and on paper."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction
from playwright.sync_api import Page, expect

from tests.browser.crowded import Pages, render, served
from tests.browser.engine import IS_FIREFOX, Open

NO_PAGES = {
    "account_logout",
    "admin-password-change",
    "bot-command-deletion",
    "bot-deletion",
    "bot-switch",
    "bot-token-ending",
    "chat-about",
    "chat-archive",
    "chat-commands",
    "chat-direct",
    "chat-draft",
    "chat-entry",
    "chat-exports",
    "chat-favourite",
    "chat-files",
    "chat-following",
    "chat-invitations",
    "chat-joining",
    "chat-leaving",
    "chat-level",
    "chat-mentions",
    "chat-reading",
    "chat-removal",
    "chat-return",
    "chat-ringing",
    "chat-role",
    "chat-rules",
    "chat-writing",
    "chats-folding",
    "device-ending",
    "devices-ending",
    "emoji",
    "export",
    "file-content",
    "file-large",
    "file-thumbnail",
    "hook-deletion",
    "hook-door",
    "hook-renewal",
    "invitation-ending",
    "later-deletion",
    "message-menu",
    "message-origin",
    "message-pin",
    "message-quote",
    "message-reply",
    "message-read",
    "message-saved",
    "message-unread",
    "messages",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_login_webauthn",
    "notifications:announcement-acknowledgement",
    "notifications:announcement-roll-csv",
    "notifications:announcement-stopping",
    "notifications:archiving",
    "notifications:changes",
    "notifications:job-cancelling",
    "notifications:job-dismissing",
    "notifications:job-retrying",
    "notifications:job-seeing",
    "notifications:notification-archiving",
    "notifications:notification-reading",
    "notifications:notification-snoozing",
    "notifications:reading",
    "notifications:seeing",
    "notifications:tray",
    "notifications:webhook-deletion",
    "notifications:webhook-secret",
    "notifications:webhook-sending",
    "notifications:webhook-switch",
    "notifications:webhook-test",
    "openid_connect_callback",
    "openid_connect_login",
    "people-names",
    "person-block",
    "presence",
    "presence-showing",
    "room-enter",
    "socialaccount_connections",
    "socialaccount_login_cancelled",
    "time-zone",
    "token-ending",
    "unread-reading",
}
"""Addresses of forms, of parts of pages and of files, and those that only lead on."""
pytestmark = pytest.mark.django_db

SCREENS = {
    "desk": (1440, 900, 16),
    "phone": (390, 844, 16),
    "small phone": (320, 568, 16),
    "phone on its side": (844, 390, 16),
    "phone, text at 200 %": (390, 844, 32),
}
OUTSIDE = """() => {
  const { scrollWidth, scrollHeight } = document.documentElement
  const sticksOut = element => {
    const { left, right, width } = element.getBoundingClientRect()
    const isOut = width > 1 && (left < -1 || right > innerWidth + 1)
    return isOut && element.checkVisibility() && !element.closest("pre, .tabs")
  }
  const lists = [...document.querySelectorAll("main, .sidebar, .log, .jobs-panel, .sheet")]
  const bottom = Math.ceil(document.querySelector("main").getBoundingClientRect().bottom + scrollY)
  // What is hidden from the eyes counts for the height, too.
  return {
    width: Math.max(0, scrollWidth - innerWidth),
    height: Math.max(0, scrollHeight - Math.max(innerHeight, bottom)),
    sideways: lists.filter(list => list.scrollWidth > list.clientWidth).map(list => list.className),
    outside: [...document.querySelectorAll("a, button, input, select, textarea, summary, h1")].filter(sticksOut).map(
      element => element.outerHTML.slice(0, 90)
    ),
  }
}"""


CUT_OFF = """() => [...document.querySelectorAll("main, main *")].filter(element => element.checkVisibility()
  && getComputedStyle(element).overflow !== "visible" && element.clientHeight > 1 && element.clientWidth > 1
  && (element.scrollHeight > element.clientHeight + 1 || element.scrollWidth > element.clientWidth + 1)
).map(element => element.outerHTML.slice(0, 90))"""


AROUND = """entry => {
  const displays = []
  for (let box = entry.parentElement; box; box = box.parentElement) displays.push(getComputedStyle(box).display)
  return displays
}"""


@pytest.fixture(scope="module", autouse=True)
def rendered(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Pages, set[str]]]:
    """All pages, and the names of the addresses that have none; nothing of it stays in the database."""
    with pytest.MonkeyPatch.context() as patch:
        # Django takes Playwright's loop, which waits on this thread, for one that a query would hold up.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with django_db_blocker.unblock(), transaction.atomic():
            found = render()
            transaction.set_rollback(True)
        yield found


@pytest.fixture(scope="module")
def pages(rendered: tuple[Pages, set[str]]) -> Pages:
    return rendered[0]


@pytest.fixture(scope="module")
def site(pages: Pages) -> Iterator[str]:
    with served(pages) as site:
        yield site


@pytest.fixture
def page_of(open_context: Open, site: str) -> Iterator[Callable[[int], Page]]:
    """Open a page for a size of text, as a person has set it in the browser."""
    with ExitStack() as contexts:

        def page_of(text: int) -> Page:
            page = contexts.enter_context(open_context(text=text, base_url=site)).new_page()
            if not IS_FIREFOX:
                page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": text}})
            return page

        yield page_of


@pytest.fixture
def page(page_of: Callable[[int], Page]) -> Page:
    return page_of(16)


def test_every_address_has_its_page_here(rendered: tuple[Pages, set[str]]) -> None:
    # Programs are answered without pages.
    assert {name for name in rendered[1] if not name.startswith("api:")} == NO_PAGES


def test_pages_are_valid_where_checkers_found_fault(pages: Pages) -> None:
    for path, page in pages.items():
        assert not re.findall(rb"<data\b(?![^>]*\svalue\b)[^>]*>", page), path
        ids = re.findall(rb'\sid="([^"]*)"', page)
        assert sorted(ids) == sorted(set(ids)), path
        assert set(re.findall(rb'\slist="([^"]*)"', page)) <= set(ids), path


@pytest.mark.every_engine
@pytest.mark.parametrize("text", [16, 32], ids=["text at 100 %", "text at 200 %"])
def test_nothing_sticks_out_and_nothing_scrolls_into_nothing(
    pages: Pages, page_of: Callable[[int], Page], text: int
) -> None:
    found = {}
    page = page_of(text)
    sizes = {screen: size for screen, (*size, of_text) in SCREENS.items() if of_text == text}
    for path in pages:
        page.goto(path, wait_until="domcontentloaded")
        for screen, (width, height) in sizes.items():
            page.set_viewport_size({"width": width, "height": height})
            if any((out := page.evaluate(OUTSIDE)).values()):
                found[path, screen] = out
    assert not found


def test_pages_of_accounts_have_no_barriers(pages: Pages, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    of_accounts = [path for path in pages if not path.endswith("/alice")]
    of_accounts += [f"/{name}/alice" for name in ("profile", "devices", "invitations", "account_email", "message")]
    found = {}
    for path in of_accounts:
        page.goto(path)
        # What stands around it is the same everywhere, and tested by itself.
        results = Axe().run(page, "main")
        if results.violations_count:
            found[path] = results.generate_report()
    assert not found


@pytest.mark.parametrize("screen", SCREENS)
def test_menu_and_tray_are_whole(page_of: Callable[[int], Page], screen: str) -> None:
    width, height, text = SCREENS[screen]
    page = page_of(text)
    page.set_viewport_size({"width": width, "height": height})
    page.goto("/profile/alice")
    for button, popover in (("[popovertarget=menu]", "#menu"), (".bell", "#tray")):
        page.locator(button).click()
        box = page.locator(popover).bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height


def test_a_phone_on_its_side_with_its_keyboard_shows_lines_of_the_chat(page: Page) -> None:
    for width in (844, 640):
        page.set_viewport_size({"width": width, "height": 200})
        page.goto("/chat/alice")
        assert page.locator(".log").evaluate("log => log.clientHeight") >= 66
        expect(page.get_by_role("button", name="Send", exact=True)).to_be_in_viewport(ratio=1)
        expect(page.locator(".pane-back")).to_be_in_viewport(ratio=1)


PAPER = pytest.mark.chromium_only("Playwright puts pages of no other browser on paper")
FORCED = pytest.mark.chromium_only("Playwright gives no other browser forced colours")


@PAPER
@pytest.mark.parametrize("path", ["/chat/alice", "/chat-members/alice", "/notifications:announcement-roll/alice"])
def test_paper_shows_the_whole_list_and_nothing_to_press(page: Page, path: str) -> None:
    page.goto(path)
    entries = page.locator("main :is(article, .rows > li)")
    count = entries.count()
    assert count > 10
    page.emulate_media(media="print")
    for entry in (entries.first, entries.last):
        expect(entry).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate(CUT_OFF) == []
    for name in ("Send", "Remove", "Leave", "People", "Find", "Download CSV", "Back", "Dismiss"):
        expect(page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name))).to_have_count(0)
    expect(page.get_by_role("navigation").or_(page.get_by_role("search"))).to_have_count(0)
    # Firefox puts what is in one of these and does not fit on the sheet on the next one, and leaves the first empty.
    assert {"grid", "flex"}.isdisjoint(entries.last.evaluate(AROUND))
    # Paper is as high as it takes, and no sheet of it is empty.
    bottom, height = page.evaluate(
        "[document.querySelector('main').getBoundingClientRect().bottom, document.documentElement.scrollHeight]"
    )
    assert height <= max(bottom + 1, page.evaluate("innerHeight"))
    assert entries.last.evaluate("entry => entry.getBoundingClientRect().bottom") <= bottom


@PAPER
def test_inbox_on_paper_is_its_list(page: Page) -> None:
    page.goto("/notifications:inbox/alice")
    page.emulate_media(media="print")
    expect(page.locator(".notification").last).to_be_visible()
    assert page.evaluate(CUT_OFF) == []
    expect(page.get_by_role("link")).to_have_count(0)
    expect(page.get_by_role("button", name="Mark")).to_have_count(0)


@PAPER
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_is_dark_on_light(page: Page, scheme: Any) -> None:
    page.goto("/chat/alice")
    page.emulate_media(media="print", color_scheme=scheme)
    assert page.locator("#chat-name").evaluate("h1 => getComputedStyle(h1).color") == "rgb(26, 32, 48)"


@FORCED
@pytest.mark.parametrize("links", [".tabs > a", ".filters > a"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_current_tab_is_seen_in_forced_colours(page: Page, links: str, scheme: Any) -> None:
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    page.goto("/notifications:inbox/alice")
    colours = {}
    for which in ("[aria-current]", ":not([aria-current])"):
        link = page.locator(f"{links}{which}").first
        colours[which] = link.evaluate("link => getComputedStyle(link).borderBlockEndColor")
    assert len(set(colours.values())) == 2


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_what_runs_the_other_way_stands_beside_its_author(page: Page, direction: str) -> None:
    page.goto("/chat/alice")
    page.evaluate("direction => { document.dir = direction }", direction)
    text = page.get_by_text("only for alice and bob", exact=True).last
    text.evaluate("(text, words) => { text.textContent = words }", "short" if direction == "rtl" else "קצר")
    article = page.locator("article").last
    words, author = article.locator(".message-body").bounding_box(), article.locator(".message-author").bounding_box()
    assert words
    assert author
    if direction == "ltr":
        assert words["x"] == pytest.approx(author["x"], abs=1)
        assert words["width"] < 100
    else:
        assert words["x"] + words["width"] == pytest.approx(author["x"] + author["width"], abs=1)


def test_selects_are_as_high_as_fields(page: Page) -> None:
    page.goto("/notifications:announcement-create/alice")
    heights = page.locator("main select, main input[type=text]").evaluate_all(
        "all => all.map(field => field.getBoundingClientRect().height)"
    )
    assert len(heights) >= 3
    assert max(heights) - min(heights) < 1


@pytest.mark.every_engine
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_scrollbars_have_the_colours_of_the_page(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto("/chat/alice")
    coloured = "each => getComputedStyle(each).scrollbarColor"
    page.add_style_tag(content="#chat-name { scrollbar-color: var(--line-field) transparent }")
    wanted = page.locator("#chat-name").evaluate(coloured)
    assert wanted != "auto"
    for scrolls in (":root", ".sidebar", ".log", ".jobs-panel"):
        assert page.locator(scrolls).first.evaluate(coloured) == wanted, scrolls


def test_tasks_leave_a_phone_most_of_its_page(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/chat/alice")
    expect(page.locator(".jobs-panel .job.is-succeeded")).to_have_count(1)
    height = page.locator(".jobs-panel").evaluate("panel => panel.offsetHeight")
    assert 0 < height <= 844 / 6


def test_a_finger_hits_the_time_of_a_message(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/chat/alice")
    for time in page.locator("#messages article:not(.is-continued) .message-time").all():
        box = time.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 24


@pytest.mark.every_engine
def test_the_composer_grows_where_css_cannot_do_it(page: Page) -> None:
    page.add_init_script("CSS.supports = () => false")
    page.goto("/chat/alice")
    page.add_style_tag(content="textarea { field-sizing: fixed !important }")
    field = page.get_by_label("Message", exact=True)
    heights = []
    for text in ("one line", "\n".join("abcdef"), "two\nlines", "line\n" * 50, ""):
        field.fill(text)
        heights.append(field.evaluate("field => field.offsetHeight"))
    one, six, two, most, empty = heights
    assert one == empty < two < six < most < 400
