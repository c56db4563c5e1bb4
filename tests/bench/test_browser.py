"""The verdicts on what a push costs a page."""

from benchmarks.browser import verdicts


def test_the_verdict_compares_most_with_fewest() -> None:
    few = {"arrived": 50, "messages": 60, "cpu_ms": 10.0, "late_ms": 20}
    burst = {"arrived": 2060, "messages": 500, "cpu_ms": 5.0, "late_ms": 1200}
    cost, late = verdicts([few, {**few, "arrived": 2000, "cpu_ms": 11.0}, burst])
    assert cost == "a push costs 1.10 times as much when 2,000 have come as when 50 have (at most 1.2 is met)"
    assert late == "the last of 500 is on the page 1,200 ms after it was posted (at most 1,000 is MISSED)"
    cost, late = verdicts([few, {**few, "arrived": 2000, "cpu_ms": 13.0}, {**burst, "late_ms": 900}])
    assert ("MISSED" in cost, "MISSED" in late) == (True, False)
