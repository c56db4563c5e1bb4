"""The ledger sees what is wrong: each kind of wrong, made by hand."""

import time
from collections.abc import Callable

import pytest

from tests.faults.ledger import Attempt, Ledger, Verdict
from tests.faults.page import Page, Row, read_frame


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(seed=1)


def acknowledged(ledger: Ledger, count: int = 3) -> list[Attempt]:
    attempts = [ledger.attempt(1, "alice") for _ in range(count)]
    for attempt in attempts:
        attempt.answered(303, 0.1)
    return attempts


def rows(attempts: list[Attempt]) -> list[Row]:
    return [Row(f"message-{n}", n, n, each.body, each.token) for n, each in enumerate(attempts, start=1)]


def judged(ledger: Ledger, shown: list[Row], truth: list[Row], older: int | None = None) -> Verdict:
    return ledger.verdict({"a page": Page("chat.1", rows=shown, older=older)}, {"chat.1": truth}, allowed_closes={1006})


def test_all_is_well(ledger: Ledger) -> None:
    truth = rows(acknowledged(ledger))
    ledger.closes[1006] += 3
    verdict = judged(ledger, truth, truth)
    verdict.check()
    assert str(verdict) == "seed=1 lost=0 dup=0 inv=0 leak=0 of 3"


WRONG: dict[str, tuple[Callable[[list[Row]], list[Row]], tuple[int, int, int]]] = {
    "lost": (lambda rows: rows[:1] + rows[2:], (1, 0, 0)),
    "twice": (lambda rows: [*rows, rows[-1]], (0, 1, 0)),
    "out of order": (lambda rows: [rows[1], rows[0], rows[2]], (0, 0, 1)),
    "an older state": (lambda rows: [*rows[:2], Row(rows[2].id, 1, 3, "before", "")], (0, 0, 0)),
    "what is not there": (lambda rows: [*rows, Row("message-9", 9, 9, "?", "")], (0, 0, 0)),
}


@pytest.mark.parametrize("kind", WRONG)
def test_page_that_is_wrong(ledger: Ledger, kind: str) -> None:
    spoil, counts = WRONG[kind]
    truth = rows(acknowledged(ledger))
    verdict = judged(ledger, spoil(truth), truth)
    assert (verdict.lost, verdict.dup, verdict.inversions) == counts
    assert not verdict.is_clean
    with pytest.raises(AssertionError, match="a page"):
        verdict.check()


def test_database_that_lost_a_message(ledger: Ledger) -> None:
    truth = rows(acknowledged(ledger))[:2]
    assert judged(ledger, truth, truth).lost == 1


def test_two_messages_for_one_form(ledger: Ledger) -> None:
    attempts = acknowledged(ledger)
    truth = rows([*attempts, attempts[0]])
    assert judged(ledger, truth, truth).dup == 1


def test_message_that_nobody_sent(ledger: Ledger) -> None:
    truth = rows([*acknowledged(ledger), Attempt("tok00000000n000000", 1, "bob", "?", "", 0.0)])
    assert not judged(ledger, truth, truth).is_clean


def test_unacknowledged_message_may_be_there_or_not(ledger: Ledger) -> None:
    attempts = [*acknowledged(ledger), ledger.attempt(1, "alice")]
    for truth in rows(attempts), rows(attempts[:-1]):
        judged(ledger, truth, truth).check()


def test_page_that_was_redrawn_shows_all_from_there_on(ledger: Ledger) -> None:
    truth = rows(acknowledged(ledger))
    judged(ledger, truth[1:], truth, older=2).check()
    assert judged(ledger, truth[2:], truth, older=2).lost == 1
    assert judged(ledger, truth[1:], truth).lost == 1, "nothing on the page leads to it"


def test_close_that_the_scenario_does_not_allow(ledger: Ledger) -> None:
    truth = rows(acknowledged(ledger))
    ledger.closes[1011] += 1
    assert judged(ledger, truth, truth).problems == ["1 sockets were closed with 1011"]


def test_leak(ledger: Ledger) -> None:
    ledger.end_right("carol", 1, at=0)
    (attempt,) = acknowledged(ledger, 1)
    frame = read_frame(f"<p>{attempt.body}</p>")
    ledger.received("carol", frame, time.monotonic())
    ledger.received("bob", frame, time.monotonic())
    assert judged(ledger, rows([attempt]), rows([attempt])).leak == 1
    ledger.give_right("carol", 1)
    ledger.received("carol", frame, time.monotonic())
    assert len(ledger.leaks) == 1


def test_delay_is_counted_from_the_end_of_an_outage(ledger: Ledger) -> None:
    (attempt,) = acknowledged(ledger, 1)
    began_at = attempt.acknowledged_at or 0
    ledger.shown(rows([attempt]), began_at + 9)
    assert judged(ledger, rows([attempt]), rows([attempt])).worst_delay == pytest.approx(9)
    ledger.outages = [(began_at - 1, began_at + 3), (began_at + 2, began_at + 7)]
    assert judged(ledger, rows([attempt]), rows([attempt])).worst_delay == pytest.approx(2)
