"""Who is mentioned in a message."""

from messaging.messages.recipients import mentioned


def test_mentions_are_found_in_any_case_and_before_a_full_stop() -> None:
    assert {"Bob", "carol", "d.e"} <= mentioned("Hi @Bob, ask @carol. Or @d.e")
    assert not mentioned("@ann@example.org is somebody else than ann") & {"ann", "an"}
    assert "example" not in mentioned("mail me at me@example.org")
