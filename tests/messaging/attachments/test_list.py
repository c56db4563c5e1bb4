"""The files of a chat are listed for those who may read it, page by page, by as many queries however many there are."""

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.models import Attachment, Chat
from messaging.threads.answering import thread_of
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def send(chat: Chat, owner: User, name: str) -> None:
    message = chat.post(owner, f"Here is {name}")
    Attachment.objects.create(
        chat=chat, owner=owner, message=message, name=name, content_type="text/plain", kind="file", size=1
    )


def listed(user: User, chat: Chat, page: int = 1) -> list[str]:
    answer = signed_in(user).get(f"/chats/{chat.pk}/files/all/?page={page}")
    return [each.text for each in BeautifulSoup(answer.content, "html.parser").select(".rows .row-text > a")]


def test_files_of_a_chat_and_its_threads_are_listed_the_newest_first(private: Chat, alice: User, bob: User) -> None:
    send(private, alice, "plan <b>.txt")
    send(thread_of(private.messages.get()), bob, "answer.txt")
    Attachment.objects.create(chat=private, owner=alice, name="unsent", content_type="text/plain", kind="file", size=1)
    send(Chat.objects.direct([alice, bob]), alice, "elsewhere")
    assert listed(bob, private) == ["answer.txt", "plan <b>.txt"]


def test_an_outsider_finds_no_files(private: Chat, alice: User, carol: User) -> None:
    send(private, alice, "plan.txt")
    assert signed_in(carol).get(f"/chats/{private.pk}/files/all/").status_code == 404


def test_many_files_are_paged_and_cost_no_query_each(private: Chat, alice: User, bob: User) -> None:
    counts, client = [], signed_in(bob)
    client.get(f"/chats/{private.pk}/files/all/")
    for number in range(21):
        send(private, alice, f"{number}.txt")
        if number in {1, 20}:
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/chats/{private.pk}/files/all/")
            counts.append(len(queries))
    assert counts[0] == counts[1]
    assert (len(listed(bob, private)), listed(bob, private, 2)) == (20, ["0.txt"])
