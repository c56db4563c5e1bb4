"""The ledger: what senders tried and were told, what pages were sent and show, and the judgement over both.

Every body carries a token that no other has, so whatever shows it, and wherever, it is known whose it is. A message
that was acknowledged and is not on a page that ought to show it is lost, whatever the reason.
"""

import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count as numbers
from random import Random

from tests.faults.page import Frame, Page, Row

LEAK_GRACE = 1.0
"""Seconds within which the end of a right must have taken effect (P6)."""


@dataclass
class Attempt:
    """One message that somebody wants to send, and every answer to it."""

    token: str
    chat: int
    person: str
    body: str
    client_id: str
    began_at: float
    answers: list[int | str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    acknowledged_at: float | None = None

    def answered(self, status: int | str, seconds: float) -> None:
        """Note an answer, or the name of the error that came instead of one."""
        self.answers.append(status)
        self.seconds.append(seconds)
        if self.acknowledged_at is None and isinstance(status, int) and status < 400:
            self.acknowledged_at = time.monotonic()


@dataclass
class Verdict:
    """What the ledger says in the end; `problems` says it in words, one line for each kind of thing and place."""

    seed: int
    messages: int
    lost: int = 0
    dup: int = 0
    inversions: int = 0
    leak: int = 0
    problems: list[str] = field(default_factory=list)
    post_p99: float = 0.0
    delay_p99: float = 0.0
    worst_delay: float = 0.0
    notes: dict[str, object] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.dup or self.inversions or self.leak or self.problems)

    def __str__(self) -> str:
        counts = f"lost={self.lost} dup={self.dup} inv={self.inversions} leak={self.leak} of {self.messages}"
        return f"seed={self.seed} {counts}"

    def expect(self, fact: object, problem: str) -> None:
        """Add a problem unless the fact is one: for what only this fault promises."""
        if not fact:
            self.problems.append(problem)

    def check(self) -> None:
        """Fail, and say why, unless the verdict is clean."""
        assert self.is_clean, "\n".join([str(self), *self.problems[:20]])


class Ledger:
    """The books of one run; `seed` makes the run's dice and its tokens."""

    def __init__(self, seed: int, leak_grace: float = LEAK_GRACE) -> None:
        self.seed = seed
        self.leak_grace = leak_grace
        self.random = Random(seed)
        self.run = f"{Random(f'{seed}.{time.time_ns()}').getrandbits(32):08x}"
        self.numbers = numbers()
        self.attempts: dict[str, Attempt] = {}
        self.shown_at: dict[str, float] = {}
        self.outages: list[tuple[float, float]] = []
        self.rights_end: dict[tuple[str, int], float] = {}
        self.restricted: set[str] = set()
        self.leaks: list[str] = []
        self.closes: Counter[int] = Counter()
        self.problems: list[str] = []

    # What senders do

    def attempt(self, chat: int, person: str, words: str = "") -> Attempt:
        """Enter a new message under a token of its own."""
        number = next(self.numbers)
        token = f"tok{self.run}n{number:06d}"
        client_id = f"{self.run}-0000-4000-8000-{number:012x}"
        attempt = Attempt(token, chat, person, f"{token} {words}".strip(), client_id, time.monotonic())
        self.attempts[token] = attempt
        return attempt

    def withdraw(self, attempt: Attempt) -> None:
        """Strike out a message that is rightly not there: refused, or deleted by who wrote it."""
        del self.attempts[attempt.token]

    def acknowledged(self, chat: int | None = None) -> list[Attempt]:
        """Return the messages that were acknowledged, of one chat or of all."""
        of_chat = (each for each in self.attempts.values() if chat in {None, each.chat})
        return [each for each in of_chat if each.acknowledged_at is not None]

    # What happens to the site

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Note that a part is broken as long as the `with` block lasts: delays are counted from its end."""
        began_at = time.monotonic()
        try:
            yield
        finally:
            self.outages.append((began_at, time.monotonic()))

    def end_right(self, person: str, chat: int, at: float | None = None) -> None:
        """Note that somebody may not read a chat from now on; without ever having had the right: `at=0`."""
        self.rights_end[person, chat] = time.monotonic() if at is None else at
        self.restricted.add(person)

    def give_right(self, person: str, chat: int) -> None:
        """Note that somebody may read a chat (again); members may from the start."""
        self.rights_end.pop((person, chat), None)

    # What pages receive

    def received(self, person: str, frame: Frame, at: float) -> None:
        """Look for what this person has no right to see; for people whose rights are restricted in any chat."""
        for token in frame.tokens:
            if attempt := self.attempts.get(token):
                ended_at = self.rights_end.get((person, attempt.chat))
                # What was written while they had the right may still be on its way to them.
                if ended_at is not None and at > ended_at + self.leak_grace and attempt.began_at > ended_at:
                    self.leaks.append(f"{person} was sent {token} {at - ended_at:.1f} s after the right to it ended")

    def shown(self, rows: Iterable[Row], at: float) -> None:
        """Note that these rows have just appeared on a page; the slowest page counts."""
        for row in rows:
            self.shown_at[row.token] = at

    # The judgement

    def verdict(self, pages: dict[str, Page], truth: dict[str, list[Row]], allowed_closes: Iterable[int]) -> Verdict:
        """Judge every page by what was acknowledged and by what the site shows: `truth`, by stream."""
        verdict = Verdict(self.seed, len(self.acknowledged()), leak=len(self.leaks))
        verdict.problems = [*self.problems, *self.leaks[:5]]
        for stream, rows in truth.items():
            self._judge_truth(verdict, stream, rows)
        for name, page in pages.items():
            self._judge_page(verdict, name, page, truth[page.stream])
        for code, count in sorted((self.closes - Counter(dict.fromkeys(allowed_closes, 1 << 30))).items()):
            verdict.problems.append(f"{count} sockets were closed with {code}")
        self._measure(verdict)
        return verdict

    def _judge_truth(self, verdict: Verdict, stream: str, rows: list[Row]) -> None:
        chat = int(stream.rpartition(".")[2])
        counts = Counter(row.token for row in rows if row.token)
        missing = [each.token for each in self.acknowledged(chat) if not counts[each.token]]
        doubled = [token for token, count in counts.items() if count > 1]
        verdict.lost += len(missing)
        verdict.dup += len(doubled)
        verdict.expect(not missing, f"{stream}: acknowledged, and not in the database: {missing[:5]}")
        verdict.expect(not doubled, f"{stream}: two messages for one form: {doubled[:5]}")
        numbers = [row.number for row in rows]
        verdict.expect(numbers == list(range(1, len(rows) + 1)), f"{stream}: the numbers have holes")
        for row in rows:
            attempt = self.attempts.get(row.token)
            if row.token and (attempt is None or attempt.chat != chat or attempt.body != row.text):
                verdict.problems.append(f"{stream} shows what nobody sent: {row.text[:80]!r}")

    def _judge_page(self, verdict: Verdict, name: str, page: Page, truth: list[Row]) -> None:
        expected = due(page, truth)
        counts = Counter(row.id for row in page.rows)
        by_id = {row.id: row for row in expected}
        missing = [row.id for row in expected if row.id not in counts]
        verdict.lost += len(missing)
        verdict.expect(not missing, f"{name} does not show {len(missing)} of {len(expected)}: {missing[:5]}")
        doubled = [row_id for row_id, count in counts.items() if count > 1]
        verdict.dup += len(doubled)
        verdict.expect(not doubled, f"{name} shows twice: {doubled[:5]}")
        falls = sum(a.number > b.number for a, b in zip(page.rows, page.rows[1:], strict=False))
        verdict.inversions += falls
        verdict.expect(not falls, f"{name} is out of order in {falls} places")
        strange = [row.text[:40] for row in page.rows if row.id not in by_id]
        verdict.expect(not strange, f"{name} shows what is not there: {strange[:5]}")
        stale = [row.id for row in page.rows if row.id in by_id and row != by_id[row.id]]
        verdict.expect(not stale, f"{name} shows an older state: {stale[:5]}")

    def _measure(self, verdict: Verdict) -> None:
        verdict.post_p99 = percentile([s for each in self.attempts.values() for s in each.seconds])
        delays = [self._delay(each) for each in self.acknowledged() if each.token in self.shown_at]
        verdict.delay_p99 = percentile(delays)
        verdict.worst_delay = max(delays, default=0.0)

    def _delay(self, attempt: Attempt) -> float:
        """Return how long after it could be known, or the outage it fell into was over, the last page showed it."""
        shown_at, due_at = self.shown_at[attempt.token], attempt.acknowledged_at or 0.0
        for began_at, ended_at in self.outages:
            if began_at <= shown_at and due_at <= ended_at:
                due_at = min(ended_at, shown_at)
        return max(0.0, shown_at - due_at)


def due(page: Page, truth: list[Row]) -> list[Row]:
    """Return what a page ought to show: all, or from its first one on if it says where the older ones are."""
    if page.older is None:
        return truth
    return truth[bisect_right(truth, page.older - 1, key=lambda row: row.number) :]


def percentile(values: list[float], share: float = 0.99) -> float:
    """Return the value that `share` of them do not exceed, 0 if there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
