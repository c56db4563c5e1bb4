"""Who may read a message may read what it said before; what was deleted is gone."""

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User

from messaging.models import Chat, Edit, Message
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def texts(user: User, message: Message) -> list[str]:
    """Return what the page of a message's edits shows, the newest first."""
    page = BeautifulSoup(signed_in(user).get(f"{message.get_absolute_url()}edits/").content, "html.parser")
    return [body.text.strip() for body in page.select("main .message-body")]


def test_members_open_what_a_message_said_before(private: Chat, alice: User, bob: User) -> None:
    message = private.post(alice, "first **words**")
    message.edit("second")
    Message.objects.get(pk=message.pk).edit("third")
    for reader in (alice, bob):
        assert texts(reader, message) == ["third", "second", "first words"]


def test_the_note_of_an_edit_leads_there(private: Chat, alice: User, bob: User) -> None:
    message = private.post(alice, "first")
    page = signed_in(bob).get(private.get_absolute_url()).content.decode()
    assert f"/messages/{message.pk}/edits/" not in page
    message.edit("second")
    page = signed_in(bob).get(private.get_absolute_url()).content.decode()
    assert f"/messages/{message.pk}/edits/" in page


def test_outsiders_and_former_members_find_no_edits(private: Chat, alice: User, bob: User, carol: User) -> None:
    message = private.post(alice, "first")
    message.edit("second")
    private.release(bob)
    for outsider in (bob, carol):
        assert signed_in(outsider).get(f"{message.get_absolute_url()}edits/").status_code == 404


def test_nothing_of_a_deleted_message_lives_on_in_its_edits(private: Chat, alice: User, bob: User) -> None:
    message = private.post(alice, "secret")
    message.edit("better")
    message.delete_body()
    assert not Edit.objects.exists()
    page = signed_in(bob).get(f"{message.get_absolute_url()}edits/")
    assert "This message was deleted." in page.content.decode()
    with pytest.raises(Message.DoesNotExist):
        Message.objects.get(pk=message.pk).edit("back")
    assert not Edit.objects.exists()


def test_saving_the_same_text_again_is_no_other_version(private: Chat, alice: User) -> None:
    message = private.post(alice, "same")
    message.edit("same")
    assert texts(alice, message) == ["same"]


def test_an_edit_of_a_page_that_is_behind_keeps_what_was_said_meanwhile(private: Chat, alice: User) -> None:
    message = private.post(alice, "first")
    behind = Message.objects.get(pk=message.pk)
    message.edit("second")
    behind.edit("third")
    assert texts(alice, message) == ["third", "second", "first"]
