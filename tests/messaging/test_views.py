"""The messenger's pages, by what people do in them, and every address as an outsider."""

import uuid

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.test import Client

from messaging.messages.recipients import notify_about
from messaging.models import Chat, Message
from notifications.push import dom_id
from tests.conftest import signed_in
from tests.notifications.prose.shown import HARD, letters, shown

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def soup(response: object) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")  # type: ignore[attr-defined]


def test_a_plain_form_posts_and_leads_back(room: Chat, alice: User) -> None:
    response = signed_in(alice).post(f"/chats/{room.pk}/messages/", {"body": "hello", "client_id": uuid.uuid4()})
    assert (response.status_code, response["Location"]) == (303, f"/chats/{room.pk}/")
    assert "hello" in signed_in(alice).get(response["Location"]).content.decode()


def test_nothing_of_what_was_typed_is_lost(room: Chat, alice: User, bob: User) -> None:
    message = room.post(alice, HARD)
    for address in (room.get_absolute_url(), message.get_absolute_url()):
        (body,) = soup(signed_in(bob).get(address)).select(".message-body:not(template *)")
        assert shown(str(body)) == letters(HARD)
    message.edit(f"{HARD}!")
    (body,) = soup(signed_in(bob).get(room.get_absolute_url())).select(".message-body:not(template *)")
    assert shown(str(body)) == letters(HARD)


def test_an_edit_that_shows_nothing_is_refused_and_kept(room: Chat, alice: User) -> None:
    message = room.post(alice, "hello")
    refused = signed_in(alice).post(message.get_absolute_url(), {"body": "\u3164 > "})
    assert refused.status_code == 422
    assert "Write something first." in soup(refused).text
    assert soup(refused).select_one("textarea").text.strip() == "\u3164 >"
    assert Message.objects.get().body == "hello"


def test_htmx_gets_a_fresh_composer(room: Chat, alice: User) -> None:
    client_id = str(uuid.uuid4())
    response = signed_in(alice).post(
        f"/chats/{room.pk}/messages/", {"body": "hello", "client_id": client_id}, headers=HTMX
    )
    form = soup(response).select_one("form#composer")
    assert response.status_code == 200
    assert form.textarea.text.strip() == ""
    assert str(form.select_one("[name=client_id]")["value"]) not in {"", client_id}


def test_the_same_form_twice_is_one_message_and_the_same_answer(room: Chat, alice: User) -> None:
    data = {"body": "once", "client_id": uuid.uuid4()}
    answers = [signed_in(alice).post(f"/chats/{room.pk}/messages/", data) for _ in range(2)]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(303, f"/chats/{room.pk}/")}
    assert Message.objects.count() == 1


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("", "Write something"),
        ("\u200b", "Write something"),
        ("\u2800 \u3164", "Write something"),
        (">", "Write something"),
        ("[](x)", "Write something"),
        ("**\u2060**", "Write something"),
        ("x" * 10_001, "too long"),
        ("nul \0 nul", "Null characters"),
    ],
    ids=["empty", "no width", "blank letters", "no quote", "no link", "no words", "too long", "NUL"],
)
def test_a_bad_message_is_refused_with_the_reason_and_the_text_stays(
    room: Chat, alice: User, body: str, complaint: str, headers: dict[str, str]
) -> None:
    client_id = str(uuid.uuid4())
    response = signed_in(alice).post(
        f"/chats/{room.pk}/messages/", {"body": body, "client_id": client_id}, headers=headers
    )
    form = soup(response).select_one("form#composer")
    assert response.status_code == 422
    assert complaint in form.select_one("[role=alert]").text
    assert form.textarea.text.removeprefix("\n").replace("\ufffd", "\0") == body
    assert form.select_one("[name=client_id]")["value"] == client_id
    assert not Message.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_another_text_in_a_spent_form_is_kept_and_posted_at_the_next_try(
    room: Chat, alice: User, headers: dict[str, str]
) -> None:
    client, address, client_id = signed_in(alice), f"/chats/{room.pk}/messages/", str(uuid.uuid4())
    client.post(address, {"body": "first", "client_id": client_id}, headers=headers)
    refused = client.post(address, {"body": "second", "client_id": client_id}, headers=headers)
    form = soup(refused).select_one("form#composer")
    assert refused.status_code == 422
    assert form.textarea.text.strip() == "second"
    fresh_id = str(form.select_one("[name=client_id]")["value"])
    client.post(address, {"body": "second", "client_id": fresh_id}, headers=headers)
    assert [message.body for message in room.messages.order_by("number")] == ["first", "second"]


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "nonsense"])
def test_a_form_in_another_character_set_is_refused(room: Chat, alice: User, charset: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="body"\r\n\r\n\\ud800\r\n--x--\r\n'
    content_type = f"multipart/form-data; boundary=x; charset={charset}"
    response = signed_in(alice).generic("POST", f"/chats/{room.pk}/messages/", body, content_type)
    assert response.status_code == 400
    assert not Message.objects.exists()


def test_reading_is_noted_up_to_what_there_is(room: Chat, alice: User, bob: User) -> None:
    room.post(alice, "one")
    signed_in(bob).post(f"/chats/{room.pk}/reading/", {"number": "999999"})
    assert room.membership_of(bob).read_number == 1


def test_a_client_id_that_is_none_is_refused(room: Chat, alice: User) -> None:
    response = signed_in(alice).post(f"/chats/{room.pk}/messages/", {"body": "x", "client_id": "nonsense"})
    assert response.status_code == 422


def test_a_post_without_csrf_token_is_refused(room: Chat, alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(f"/chats/{room.pk}/messages/", {"body": "x"}).status_code == 403


def test_a_page_carries_the_place_its_messages_were_read_at(room: Chat, alice: User) -> None:
    room.post(alice, "one").edit("one!")
    page = soup(signed_in(alice).get(f"/chats/{room.pk}/"))
    assert page.select_one(f"#cursor-chat-{room.pk}")["data-seq"] == "2"
    assert page.select_one(f"[data-socket][data-stream='{room.stream}']")


def test_older_messages_come_by_link_and_by_htmx_without_doubles(room: Chat, alice: User) -> None:
    for number in range(1, 121):
        room.post(alice, f"message {number}")
    client, address, shown = signed_in(alice), f"/chats/{room.pk}/", list[int]()
    page = soup(client.get(address))
    while True:
        shown = [int(str(article["data-number"])) for article in page.select("article:not(template *)")] + shown
        if not (older := page.select_one("a.older")):
            break
        assert soup(client.get(str(older["href"]))).select_one("html"), "a whole page without JavaScript"
        page = soup(client.get(str(older["hx-get"]), headers=HTMX))
    assert shown == list(range(1, 121))


def test_a_page_of_older_messages_is_not_live(room: Chat, alice: User) -> None:
    room.post(alice, "one")
    page = soup(signed_in(alice).get(f"/chats/{room.pk}/?before=1"))
    assert not page.select("#live, #composer")
    assert page.select_one(".log-past a")
    # What is said now is not on it, so it must not hide what tells of that.
    assert room.stream not in "".join(style.text for style in page.select("style"))


def test_only_the_author_edits_and_deletes(room: Chat, alice: User, bob: User) -> None:
    message = room.post(alice, "mine")
    address = f"/messages/{message.pk}/"
    assert signed_in(bob).get(address).status_code == 200, "members may look at it"
    assert signed_in(bob).post(address, {"body": "hacked"}).status_code == 404
    assert signed_in(bob).delete(address).status_code == 404
    assert signed_in(alice).post(address, {"body": "better"}).status_code == 303
    assert "better" in signed_in(alice).post(address, {"body": "better"}, headers=HTMX).content.decode()
    assert signed_in(alice).post(address, {"body": ""}).status_code == 422
    assert signed_in(alice).post(address, {"delete": "1"}).status_code == 303
    assert signed_in(alice).delete(address).status_code == 404, "it is gone already"
    message.refresh_from_db()
    assert (message.body, message.deleted_at is None) == ("", False)


OUTSIDE = [
    ("get", "/chats/{chat}/"),
    ("get", "/chats/{chat}/?before=2"),
    ("get", "/notifications/live/chat/{chat}/changes/?after=0"),
    ("post", "/chats/{chat}/messages/"),
    ("post", "/chats/{chat}/reading/"),
    ("post", "/chats/{chat}/joining/"),
    ("post", "/chats/{chat}/leaving/"),
    ("get", "/chats/{chat}/members/"),
    ("post", "/chats/{chat}/members/"),
    ("post", "/chats/{chat}/members/{member}/removal/"),
    ("post", "/chats/{chat}/members/{member}/return/"),
    ("get", "/chats/{chat}/name/"),
    ("post", "/chats/{chat}/name/"),
    ("get", "/messages/{message}/"),
    ("post", "/messages/{message}/"),
    ("delete", "/messages/{message}/"),
]


@pytest.mark.parametrize(("method", "address"), OUTSIDE)
def test_outsider_gets_404_as_if_there_were_nothing(
    private: Chat, alice: User, bob: User, carol: User, method: str, address: str
) -> None:
    message = private.post(alice, "secret")
    where = address.format(chat=private.pk, member=bob.pk, message=message.pk)
    client = signed_in(carol)
    for headers in ({}, HTMX):
        response = getattr(client, method)(where, {"body": "x", "people": "carol", "name": "x"}, headers=headers)
        assert response.status_code == 404
        assert "secret" not in response.content.decode()
    nothing = address.format(chat=9999, member=bob.pk, message=9999)
    assert getattr(client, method)(nothing).status_code == 404
    assert set(private.memberships.values_list("user", flat=True)) == {alice.pk, bob.pk}
    assert Message.objects.get().body == "secret"


@pytest.mark.parametrize(("method", "address"), [*OUTSIDE, ("get", "/"), ("get", "/notifications/")])
def test_signed_out_people_are_led_to_sign_in_and_back(private: Chat, alice: User, method: str, address: str) -> None:
    where = address.format(chat=private.pk, member=alice.pk, message=private.post(alice, "secret").pk)
    response = getattr(Client(), method)(where)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=")
    by_htmx = getattr(Client(), method)(where, headers={**HTMX, "HX-Current-URL": f"http://testserver{where}"})
    assert by_htmx["HX-Redirect"].startswith("/accounts/login/?next=")


def test_the_box_leads_into_a_room_made_if_it_is_new(alice: User, bob: User) -> None:
    first = signed_in(alice).post("/rooms/", {"name": "Tea"})
    assert first.status_code == 303
    assert signed_in(bob).post("/rooms/", {"name": "tea"})["Location"] == first["Location"]
    assert signed_in(bob).post("/rooms/", {"name": "  "}).status_code == 422
    long = signed_in(bob).post("/rooms/", {"name": "x" * 81})
    assert (long.status_code, "x" * 81 in long.content.decode()) == (422, True)


def test_rooms_are_made_renamed_joined_and_left(alice: User, bob: User) -> None:
    made = signed_in(alice).post("/chats/new/", {"name": "Plans", "kind": "private"})
    chat = Chat.objects.get(name="Plans")
    assert (made.status_code, made["Location"]) == (303, chat.get_absolute_url())
    assert signed_in(alice).post("/chats/new/", {"name": "X", "kind": "direct"}).status_code == 422
    assert signed_in(alice).post(f"/chats/{chat.pk}/name/", {"name": "Deeds"}).status_code == 303
    assert signed_in(alice).post(f"/chats/{chat.pk}/members/", {"people": "@bob"}).status_code == 303
    assert chat.membership_of(bob)
    assert signed_in(bob).post(f"/chats/{chat.pk}/name/", {"name": "Mine"}).status_code == 404, "not the owner"
    assert signed_in(bob).post(f"/chats/{chat.pk}/members/{alice.pk}/removal/").status_code == 403
    assert signed_in(bob).post(f"/chats/{chat.pk}/leaving/").status_code == 303
    assert signed_in(bob).get(chat.get_absolute_url()).status_code == 404
    assert "You have left" in signed_in(alice).post(f"/chats/{chat.pk}/leaving/", follow=True).content.decode()


def test_an_owner_removes_a_member(private: Chat, alice: User, bob: User) -> None:
    response = signed_in(alice).post(f"/chats/{private.pk}/members/{bob.pk}/removal/")
    assert response.status_code == 303
    assert private.membership_of(bob) is None


def test_two_open_rooms_of_one_name_are_refused_kindly(room: Chat, alice: User) -> None:
    for address in ("/chats/new/", f"/chats/{Chat.objects.enter(alice, 'Tea').pk}/name/"):
        response = signed_in(alice).post(address, {"name": "general", "kind": "open"})
        assert (response.status_code, "already" in response.content.decode()) == (422, True)


def test_unknown_people_are_named_and_the_text_stays(alice: User, bob: User) -> None:
    response = signed_in(alice).post("/chats/direct/", {"people": "bob, nobody"})
    assert response.status_code == 422
    assert "Nobody here is called nobody" in soup(response).select_one(".errorlist").text
    assert soup(response).select_one("input[name=people]")["value"] == "bob, nobody"
    assert not Chat.objects.exists()


def test_a_group_conversation_can_be_left_and_brings_back_whom_it_is_written_to(
    alice: User, bob: User, carol: User
) -> None:
    address = signed_in(alice).post("/chats/direct/", {"people": "bob carol"})["Location"]
    assert signed_in(bob).post(f"{address}leaving/").status_code == 303
    assert signed_in(bob).get(address).status_code == 404
    assert signed_in(alice).post("/chats/direct/", {"people": "carol bob"})["Location"] == address
    assert signed_in(bob).get(address).status_code == 200


def test_a_group_has_its_bound(alice: User) -> None:
    names = [User.objects.create_user(f"member{number}").username for number in range(21)]
    response = signed_in(alice).post("/chats/direct/", {"people": " ".join(names)})
    assert (response.status_code, "At most 20" in response.content.decode()) == (422, True)


def test_a_direct_chat_has_no_door(alice: User, bob: User, carol: User) -> None:
    address = signed_in(alice).post("/chats/direct/", {"people": "bob"})["Location"]
    assert signed_in(alice).post(f"{address}members/", {"people": "carol"}).status_code == 404
    assert signed_in(bob).get(address).status_code == 200


def test_reading_a_chat_marks_it_and_what_the_bell_said_of_it_as_read(alice: User, bob: User) -> None:
    chat = Chat.objects.direct([alice, bob])
    notify_about(chat.post(alice, "hello"))
    browser = signed_in(bob)
    for path in ("/accounts/profile/", chat.get_absolute_url()):
        page = soup(browser.get(path))
        assert page.select_one("#bell-badge").text.startswith("1")
        assert page.select_one(f"a[data-chat='{chat.pk}'] .unread").text.startswith("1")
    answer = browser.post(f"{chat.get_absolute_url()}reading/", {"number": "1"})
    assert (answer.status_code, answer["Location"]) == (303, chat.get_absolute_url())
    page = soup(browser.get(answer["Location"]))
    assert page.select_one("#bell-badge").has_attr("hidden")
    assert page.select_one(f"a[data-chat='{chat.pk}'] .unread").has_attr("hidden")


def test_the_list_of_chats_costs_the_same_however_many_there_are(
    alice: User, bob: User, django_assert_max_num_queries: object
) -> None:
    for number in range(30):
        Chat.objects.enter(alice, f"room {number}")
    Chat.objects.direct([alice, bob])
    client = signed_in(alice)
    client.get("/")  # the first visit makes the inbox
    with django_assert_max_num_queries(11):  # type: ignore[operator]
        client.get("/")


def test_changes_are_the_same_over_http(room: Chat, alice: User) -> None:
    message = room.post(alice, "hello")
    response = signed_in(alice).get(f"/notifications/live/chat/{room.pk}/changes/?after=0")
    assert soup(response).select_one(f"#{dom_id(message)}")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("address", ["/chats/{}/messages/", "/rooms/", "/chats/direct/", "/chats/{}/reading/"])
def test_what_is_posted_cannot_be_fetched(room: Chat, alice: User, address: str) -> None:
    assert signed_in(alice).get(address.format(room.pk)).status_code == 405
