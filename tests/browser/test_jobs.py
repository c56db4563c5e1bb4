"""A background task on the pages of the person who waits for it, on two devices and after a reload."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import expect_focus, open_profile, wait_until_connected
from tests.live.stack import Stack, until

People = Callable[..., Page]

WORK = """
import sys, time
from django.contrib.auth.models import User
from notifications.jobs.progress import progress
with progress(User.objects.get(username="alice"), {title!r}, total=1000) as p:
    p.log("Reading the file")
    p.advance(100)
    for line in sys.stdin:
        p.log(line)
        p.advance(100)
        time.sleep(0.3)
        p.advance(0)
    p.result("/accounts/profile/", "Look at it")
"""


class Work:
    """A process that works, one step for each line it is given."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def step(self, line: str) -> None:
        """Let it do the next step."""
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def finish(self) -> None:
        """Let it come to its end."""
        self.process.communicate(timeout=20)


@contextmanager
def work(stack: Stack, title: str) -> Iterator[Work]:
    """Run a process that reports to alice, which goes on only as it is told to."""
    command = [sys.executable, "manage.py", "shell", "-c", WORK.format(title=title)]
    with subprocess.Popen(command, cwd=stack.code, env=stack.env, stdin=subprocess.PIPE, text=True) as process:
        yield Work(process)
        process.kill()


def card(page: Page, title: str) -> Locator:
    """Return what the page shows of a task."""
    return page.locator("#jobs .job").filter(has_text=title)


def test_two_devices_see_the_same_bar_and_it_survives_a_reload(person: People, stack: Stack) -> None:
    desk, phone, bob = person("alice"), person("alice", viewport={"width": 390, "height": 844}), person("bob")
    for page in (desk, phone, bob):
        open_profile(page)
    with work(stack, "Import of orders") as running:
        for page in (desk, phone):
            expect(card(page, "Import of orders").get_by_role("progressbar")).to_have_attribute("value", "10")
        running.step("Row 17")
        for page in (desk, phone):
            expect(card(page, "Import of orders")).to_contain_text("20 %")
        expect(card(desk, "Import of orders").get_by_text("Row 17")).to_be_visible()
        desk.reload()
        expect(card(desk, "Import of orders")).to_contain_text("20 %")
        wait_until_connected(desk)
        running.step("Row 18")
        for page in (desk, phone):
            expect(card(page, "Import of orders")).to_contain_text("30 %")
        running.finish()
    for page in (desk, phone):
        expect(card(page, "Import of orders").get_by_role("link", name="Look at it")).to_be_visible()
    expect(card(bob, "Import of orders")).to_have_count(0)
    card(desk, "Import of orders").get_by_role("button", name="Dismiss").click()
    for page in (desk, phone):
        expect(card(page, "Import of orders")).to_have_count(0)


def test_cancelling_on_one_device_stops_the_task_for_both(person: People, stack: Stack) -> None:
    desk, phone = person("alice"), person("alice", viewport={"width": 390, "height": 844})
    for page in (desk, phone):
        open_profile(page)
    with work(stack, "Long import") as running:
        cancel = card(phone, "Long import").get_by_role("button", name="Cancel")
        cancel.focus()
        running.step("Row 17")
        expect(card(phone, "Long import")).to_contain_text("20 %")
        expect_focus(cancel)
        cancel.press("Enter")
        for page in (desk, phone):
            expect(card(page, "Long import")).to_contain_text("Cancelling…")
        running.step("Row 18")
        for page in (desk, phone):
            expect(card(page, "Long import")).to_contain_text("Cancelled")
    expect(phone).to_have_url(desk.url)


def test_an_end_that_nobody_saw_goes_to_the_inbox_and_one_that_was_seen_does_not(person: People, stack: Stack) -> None:
    alice = person("alice")
    open_profile(alice)
    with alice.expect_response("**/seeing/"), work(stack, "Seen report") as running:
        running.finish()
    expect(card(alice, "Seen report")).to_contain_text("Done")
    alice.goto("about:blank")
    with work(stack, "Missed report") as running:
        running.finish()
    # It is told after ten seconds; the other one ended before it, so it would have been told by then.
    until(lambda: "Missed report: done" in alice.request.get(f"{stack.url}/notifications/").text(), timeout=60)
    alice.goto(f"{stack.url}/notifications/")
    inbox = alice.get_by_role("main")
    expect(inbox.get_by_text("Seen report")).to_have_count(0)
    inbox.get_by_text("Missed report: done").click()
    expect(alice.get_by_role("heading", name="Background tasks")).to_be_visible()
    expect(card(alice, "Missed report").get_by_role("link", name="Look at it")).to_be_visible()
