"""The helpers that a developer tests pushes with: in a plain TestCase, with real commits, and what a failure says."""

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import TestCase

from notifications.live.door import EVERYBODY, push_html
from notifications.live.verbs import remove
from notifications.testing import Event, assert_not_pushed, assert_pushed, captured_pushes


class PlainTest(TestCase):
    """What a developer writes without pytest: each test is a transaction that never commits."""

    def test_what_the_block_leaves_to_the_commit_is_done_at_its_end(self) -> None:
        bob = User.objects.create_user("bob")
        with captured_pushes() as pushes:
            with transaction.atomic():
                push_html(bob, "paid", '<p id="order-7">paid</p>')
            assert pushes == []
        assert [element.text for element in assert_pushed(pushes, bob, "#order-7")] == ["paid"]

    def test_what_came_before_the_block_is_not_in_it(self) -> None:
        push_html("kitchen", "before", "<p>before</p>")
        with captured_pushes() as pushes:
            push_html("kitchen", "after", "<p>after</p>")
        assert [event["event"] for event in pushes] == ["after"]

    def test_a_rollback_leaves_nothing(self) -> None:
        with captured_pushes() as pushes, transaction.atomic():
            push_html("kitchen", "lost", "<p>lost</p>")
            transaction.set_rollback(True)
        assert_not_pushed(pushes, "kitchen")


@pytest.mark.django_db(transaction=True)
def test_with_real_commits_they_are_there_at_once(bob: User) -> None:
    with captured_pushes() as pushes:
        push_html(bob, "paid", "<p>paid</p>")
        assert len(pushes) == 1
    assert len(pushes) == 1


@pytest.mark.django_db(transaction=True)
def test_they_take_objects_names_and_everybody_and_tell_them_apart(alice: User, bob: User) -> None:
    with captured_pushes() as pushes:
        push_html([bob, EVERYBODY], "paid", '<p id="order-7">paid</p>')
        remove(EVERYBODY, "#order-7")
    for to in (bob, f"user.{bob.pk}", EVERYBODY):
        assert_pushed(pushes, to, "#order-7")
    assert_pushed(pushes, EVERYBODY, "#order-7", verb="remove")
    assert_not_pushed(pushes, bob, "#order-7", verb="remove")
    assert_not_pushed(pushes, EVERYBODY, "#order-8")
    assert_not_pushed(pushes, alice)


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([], "No #order-7 was pushed to kitchen. Nothing was pushed at all."),
        ([("bar", "<p id='order-7'>paid</p>")], "There were:\n  bar, paid: <p id='order-7'>paid</p>"),
    ],
)
def test_a_failure_tells_what_was_pushed_instead(events: list[tuple[str, str]], told: str) -> None:
    sent: list[Event] = [{"group": group, "event": "paid", "seq": None, "html": html} for group, html in events]
    with pytest.raises(AssertionError) as failure:
        assert_pushed(sent, "kitchen", "#order-7")
    assert told in str(failure.value)


def test_a_failure_tells_what_should_not_have_been_pushed() -> None:
    sent: list[Event] = [{"group": "bar", "event": "paid", "seq": None, "html": "<p>paid</p>"}]
    with pytest.raises(AssertionError, match="This was pushed to bar:\n<p>paid</p>"):
        assert_not_pushed(sent, "bar")
