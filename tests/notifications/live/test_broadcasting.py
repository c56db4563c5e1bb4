"""Models that push by themselves: what a change tells, whom, and when nothing is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.core import serializers
from django.db import transaction
from django.db.models.signals import post_delete, post_save

from notifications.live.broadcasting import broadcasts_to
from notifications.live.door import suppress_pushes
from notifications.testing import Event, assert_not_pushed, assert_pushed, captured_pushes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def partials(templates: Path) -> None:
    """A template at the place where the convention has it, and another."""
    (templates / "auth").mkdir()
    (templates / "auth/_group.html").write_text("{% load pushes %}<li id='{% dom_id group %}'>{{ group.name }}</li>")
    (templates / "own.html").write_text("<p>{{ group.name }}</p>")


@pytest.fixture(autouse=True)
def undeclared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget at the end what a test has declared."""
    for signal in (post_save, post_delete):
        monkeypatch.setattr(signal, "receivers", list(signal.receivers))
    yield
    monkeypatch.undo()
    for signal in (post_save, post_delete):
        signal.sender_receivers_cache.clear()


def members(group: Group) -> list[User]:
    return list(User.objects.filter(first_name__in=["Alice", "Bob"]))


def test_what_is_made_changed_and_deleted_is_shown_to_those_who_watch(
    alice: User, bob: User, carol: User, pushes: list[Event]
) -> None:
    assert broadcasts_to(members, target="#groups")(Group) is Group
    group = Group.objects.create(name="<Cooks>")
    pk = group.pk
    group.name = "Chefs"
    group.save()
    group.delete()
    for person in (alice, bob):
        assert [item.text for item in assert_pushed(pushes, person, f"#group-{pk}")] == ["<Cooks>", "Chefs"]
        assert_pushed(pushes, person, "#groups", verb="append")
        assert_pushed(pushes, person, f"#group-{pk}", verb="replace")
        assert_pushed(pushes, person, f"#group-{pk}", verb="remove")
    assert_not_pushed(pushes, carol)


def test_the_place_and_the_template_can_be_others(alice: User, pushes: list[Event]) -> None:
    broadcasts_to(lambda group: "kitchen", target="#groups", insert="prepend", template="own.html")(Group)
    Group.objects.create(name="Cooks")
    assert_pushed(pushes, "kitchen", "#groups", verb="prepend")
    assert [element.text for element in assert_pushed(pushes, "kitchen", "p")] == ["Cooks"]


def test_what_is_rolled_back_suppressed_loaded_or_changed_in_bulk_is_not_pushed(pushes: list[Event]) -> None:
    broadcasts_to(lambda group: "kitchen", target="#groups")(Group)
    with transaction.atomic():
        Group.objects.create(name="never was")
        transaction.set_rollback(True)
    with transaction.atomic(), suppress_pushes():
        kept = Group.objects.create(name="silent")
    fixture = serializers.serialize("json", [kept])
    for loaded in serializers.deserialize("json", fixture):
        loaded.save()
    Group.objects.bulk_create([Group(name="one of many")])
    Group.objects.filter(pk=kept.pk).update(name="changed")
    assert pushes == []


def test_other_models_stay_silent(alice: User, pushes: list[Event]) -> None:
    broadcasts_to(lambda group: "kitchen", target="#groups")(Group)
    with captured_pushes() as inside:
        alice.save()
    assert_not_pushed(inside, "kitchen")
