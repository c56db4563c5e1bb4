"""`bin/bench browser`: what a push costs a real page, when little has come into it and when much has.

The page is a headless Chromium's, open at the end of its chat. CPU is that of its main thread alone, by the browser's
own count, so that a machine with other things to do hardly spoils it.
"""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks import inside, tables
from benchmarks.people import People
from benchmarks.stacks import BELLWIRES, Bellwire, BellwireUvicorn
from benchmarks.tables import Column, Row

HELP = "what a push costs a real page, whatever has come into it"
COLUMNS = [
    Column("arrived", "arrived before", tables.whole),
    Column("rate", "posted", tables.rate),
    Column("messages", "messages", tables.whole),
    Column("shown", "then shown", tables.whole),
    Column("nodes", "DOM nodes", tables.whole),
    Column("cpu_ms", "CPU ms a message", tables.hundredths),
    Column("script_ms", "script", tables.hundredths),
    Column("layout_ms", "style, layout", tables.hundredths),
    Column("late_ms", "last late ms", tables.whole),
]
MAX = "max"
TARGET, LATE_TARGET_MS = 1.2, 1000
"""How much more a push may cost when most has come, and how late the last message of a burst may be."""
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PORTION = 100
PATIENCE = 600.0
"""Seconds after which a page that does not follow is given up."""
# What is newer than the page's last message it may only count.
NEWEST = """() => {
    const list = document.getElementById("messages")
    const last = [...list.querySelectorAll(":scope > article")].at(-1)
    return Number(list.querySelector("[data-newer]")?.dataset.newer ?? last.dataset.number)
}"""
SHOWN = "() => [document.querySelectorAll('#messages > article').length, document.querySelectorAll('*').length]"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    command.add_argument(
        "--arrived", type=tables.numbers, default=[50, 2000], help="how many came before, like 50,2000"
    )
    command.add_argument("--messages", type=int, default=60, help="how many are measured each time")
    command.add_argument("--rate", type=int, default=10, help="how many of them are posted a second")
    command.add_argument("--burst", type=int, default=500, help="how many are posted as fast as it goes at the end")
    command.add_argument("--stack", choices=list(BELLWIRES), default=BellwireUvicorn.name)


def run(arguments: argparse.Namespace) -> Iterator[Row]:
    """Measure one page when so many have come into it, then in a burst."""
    with People(0, 2, signed_in=2) as people:
        stack = BELLWIRES[arguments.stack](people, people.directory / "server.log")
        with stack, chat_page(stack) as page:
            came = 0
            for arrived in arguments.arrived:
                # In portions: past what the site replays, a page that cannot follow gets a short list afresh.
                for portion in range(came, arrived, PORTION):
                    say(page, people, min(PORTION, arrived - portion))
                yield {"arrived": arrived} | measure(page, people, arguments.messages, arguments.rate)
                came = arrived + arguments.messages
            yield {"arrived": came} | measure(page, people, arguments.burst, 0)


@contextmanager
def chat_page(stack: Bellwire) -> Iterator[Page]:
    """Open the chat in a browser of its second member's."""
    found = [path for name in BROWSERS if (path := shutil.which(name))]
    if not found:
        sys.exit(f"none of {', '.join(BROWSERS)} is installed")
    # Chromium's sandbox refuses to run as root.
    options = ["--disable-gpu", *(["--no-sandbox"] if os.getuid() == 0 else [])]
    site = f"http://127.0.0.1:{stack.port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found[0], args=options)
        context = browser.new_context(base_url=site, viewport={"width": 1280, "height": 800})
        context.add_cookies([{"name": "sessionid", "value": stack.people.sessions[1], "url": site}])
        page = context.new_page()
        page.goto(f"/chats/{stack.people.chat_pk}/?at=end")
        page.wait_for_selector("[ws-connect][data-connected]", state="attached")
        yield page
        browser.close()


def say(page: Page, people: People, count: int, rate: int = 0) -> float:
    """Post messages, at a rate or as fast as it goes, until the page has them; return how long it took for the last."""
    newest = page.evaluate(NEWEST) + count
    people.ask(inside.say, people.chat_pk, count, rate)
    posted = time.monotonic()
    while page.evaluate(NEWEST) < newest:
        if time.monotonic() - posted > PATIENCE:
            raise RuntimeError(f"the page has not got all within {PATIENCE:.0f} s")
        page.wait_for_timeout(20)
    return time.monotonic() - posted


def measure(page: Page, people: People, count: int, rate: int) -> Row:
    """Post so many messages and return what they have cost the page."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    # What came before has left garbage.
    session.send("HeapProfiler.collectGarbage")
    before = spent(session)
    late = say(page, people, count, rate)
    cpu, script, layout = (
        (after - earlier) * 1e3 / count for after, earlier in zip(spent(session), before, strict=True)
    )
    session.detach()
    shown, nodes = page.evaluate(SHOWN)
    return {
        "rate": rate or MAX,
        "messages": count,
        "shown": shown,
        "nodes": nodes,
        "cpu_ms": round(cpu, 2),
        "script_ms": round(script, 2),
        "layout_ms": round(layout, 2),
        "late_ms": round(late * 1e3),
    }


def spent(session: CDPSession) -> tuple[float, float, float]:
    """Return the CPU seconds of the page's main thread: all, those of its scripts, and those of style and layout."""
    said = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return said["TaskDuration"], said["ScriptDuration"], said["RecalcStyleDuration"] + said["LayoutDuration"]


def verdicts(rows: list[Row]) -> list[str]:
    """Say how the cost of a push grows with what has come, and whether a burst is followed."""
    few, *_, many, burst = rows
    ratio = many["cpu_ms"] / few["cpu_ms"]
    return [
        f"a push costs {ratio:.2f} times as much when {many['arrived']:,} have come as when {few['arrived']:,} have"
        f" (at most {TARGET} is {'met' if ratio <= TARGET else 'MISSED'})",
        f"the last of {burst['messages']:,} is on the page {burst['late_ms']:,} ms after it was posted"
        f" (at most {LATE_TARGET_MS:,} is {'met' if burst['late_ms'] <= LATE_TARGET_MS else 'MISSED'})",
    ]
