"""Rooms that nobody owned before the migration belong to their earliest person; what is owned stays whose it is."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.models import Bot, Chat

pytestmark = pytest.mark.django_db


def test_unowned_rooms_get_their_earliest_person_by_one_statement(
    room: Chat, private: Chat, alice: User, bob: User
) -> None:
    empty_of_people = Chat.objects.start(alice, "Bots", Chat.Kind.OPEN)
    empty_of_people.admit(Bot.objects.make("deploys", "Deploys", alice).user)
    pair = Chat.objects.direct([alice, bob])
    for chat in (room, empty_of_people):
        chat.memberships.filter(user=alice).delete()
    with CaptureQueriesContext(connection) as queries:
        import_module("messaging.migrations.0030_room_owners").name_owners(apps, None)
    assert len(queries) == 1
    owners = {chat.pk: [each.user for each in chat.memberships.filter(is_owner=True)] for chat in Chat.objects.all()}
    assert owners == {room.pk: [bob], private.pk: [alice], empty_of_people.pk: [], pair.pk: []}
