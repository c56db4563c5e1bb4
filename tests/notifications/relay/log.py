"""A stream in memory and pages that follow it, for the model of the relay."""

import asyncio
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup

from notifications.live.streams import Changes, Data, Stream
from notifications.relay.programs import Program
from notifications.relay.sockets import Socket

NAME = "log.1"


@dataclass
class Row:
    """A row of the stream: the text it has had, by the `seq` of each change."""

    number: int
    texts: dict[int, str]

    @property
    def created_seq(self) -> int:
        return min(self.texts)

    @property
    def changed_seq(self) -> int:
        return max(self.texts)

    def html(self, *, is_new: bool) -> str:
        text = f'data-number="{self.number}" data-seq="{self.changed_seq}">{self.texts[self.changed_seq]}</p>'
        if is_new:
            return f'<div hx-swap-oob="beforeend:#log"><p id="row-{self.number}" {text}</div>'
        else:
            return f'<p id="row-{self.number}" hx-swap-oob="true" {text}'


class Log(Stream):
    """A stream in memory, with the rules of a real one and a bound that is soon reached."""

    LIMIT = 8

    def __init__(self, seq_says_all: bool) -> None:
        self.seq_says_all = seq_says_all
        self.seq = 0
        self.rows: list[Row] = []
        self.meanwhile: Callable[[], None] | None = None

    def groups(self, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], set[str]]:
        return {pair: {NAME} for pair in pairs}

    def tops(self, pks: Collection[int]) -> dict[int, int]:
        return dict.fromkeys(pks, self.seq)

    def changes(self, pk: int, after: int) -> Changes:
        changed = [row for row in self.rows if row.changed_seq > after]
        if len(changed) > self.LIMIT:
            rows = "".join(row.html(is_new=True) for row in self.rows)
            changes = Changes(self.seq, f'<div id="log" hx-swap-oob="innerHTML">{rows}</div>')
        else:
            changes = Changes(self.seq, "".join(row.html(is_new=row.created_seq > after) for row in changed))
        if self.meanwhile:
            self.meanwhile()
        return changes

    def data(self, pk: int, after: int) -> Data:
        changed = sorted((row for row in self.rows if row.changed_seq > after), key=lambda row: row.changed_seq)
        part = changed[: self.LIMIT]
        seq = part[-1].changed_seq if len(changed) > self.LIMIT else self.seq
        entries = [
            {"seq": row.changed_seq, "type": "row", "number": row.number, "text": row.texts[row.changed_seq]}
            for row in part
        ]
        if meanwhile := self.meanwhile:
            # Once: a replay goes on for as long as more is told.
            self.meanwhile = None
            meanwhile()
        return Data(seq, entries)

    def change(self, row: Row | None, text: str) -> dict[str, Any]:
        """Add a row or change one, and return the event of it."""
        self.seq += 1
        is_new = row is None
        if row is None:
            row = Row(len(self.rows) + 1, {})
            self.rows.append(row)
        row.texts[self.seq] = text
        return {"group": NAME, "seq": self.seq, "html": row.html(is_new=is_new)}


class Page:
    """A page by the rules of swaps.js."""

    socket: Socket | None = None
    """None while it is not there."""

    def __init__(self) -> None:
        self.is_shut_out = False
        self.place = 0
        self.shown: dict[int, tuple[int, str]] = {}
        self.last_shown = self.shown
        self.awake = asyncio.Event()
        self.awake.set()

    def connect(self) -> Socket:
        """Return a socket from its place on."""
        return Socket("session", {NAME: self.place}, self.send)

    async def send(self, message: dict[str, Any]) -> None:
        await self.awake.wait()
        if message["type"] == "websocket.send":
            self.swap(message["text"])

    @property
    def sender(self) -> asyncio.Task[None] | None:
        """What sends to it at this moment, unless it is asleep."""
        sender = self.socket.sender if self.socket and self.awake.is_set() else None
        return None if sender is None or sender.done() else sender

    def swap(self, frame: str) -> None:
        for element in BeautifulSoup(frame, "html.parser").find_all(recursive=False):
            if element.name == "data":
                self.place = max(self.place, int(str(element["data-seq"])))
                continue
            if element.get("id") == "log":
                self.shown.clear()
            for row in [element] if element.name == "p" else element.find_all("p"):
                number, seq = int(str(row["data-number"])), int(str(row["data-seq"]))
                is_replacement = element.name == "p"
                if number in self.shown or not is_replacement:
                    self.shown[number] = max(self.shown.get(number, (0, "")), (seq, row.text))


class ListeningPage(Page):
    """A program that goes on from the last `seq` that it has handled."""

    def connect(self) -> Program:
        return Program("session", {NAME: self.place}, self.send)

    def swap(self, frame: str) -> None:
        said = json.loads(frame)
        if said["type"] == "synced":
            assert said["seq"] >= self.place
        else:
            assert said["seq"] > self.place, "each change comes once, and in order"
            self.shown[said["number"]] = said["seq"], said["text"]
        self.place = said["seq"]
