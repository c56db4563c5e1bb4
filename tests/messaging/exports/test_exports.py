"""The export of a chat: who may have it, what is in it, and that nobody else ever gets it."""

import gc
import io
import json
import os
import re
import threading
import time
import tracemalloc
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import unquote

import pytest
from asgiref.sync import async_to_sync
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from messaging import tasks
from messaging.exports import archive
from messaging.exports import files as exports
from messaging.forwards.part import ForwardAddition
from messaging.forwards.part import content as content_of
from messaging.models import Chat, Message, TimeZone
from messaging.threads.answering import thread_of
from notifications.jobs import lifecycle as jobs
from notifications.jobs import progress, upkeep
from notifications.jobs.progress import Progress
from notifications.models import Job
from notifications.testing import Event, assert_pushed
from project import paths
from tests.conftest import signed_in
from tests.notifications.prose.shown import HARD, letters, shown

pytestmark = pytest.mark.django_db(transaction=True)


def export(user: User, chat: Chat) -> Job:
    """Have the chat exported, as the worker does it; return the job."""
    job = exports.start(user, chat)
    tasks.export_chat(job.pk, chat.pk)
    job.refresh_from_db()
    return job


def content(response: Any) -> bytes:
    """Return what a browser would save."""
    assert response.status_code == 200

    async def read() -> bytes:
        return b"".join([part async for part in response])

    return async_to_sync(read)()


def unpacked(client: Client, job: Job) -> tuple[dict[str, Any], BeautifulSoup]:
    """Return the data and the page of an export."""
    with zipfile.ZipFile(io.BytesIO(content(client.get(job.result_url)))) as file:
        assert sorted(file.namelist()) == ["index.html", "messages.json"]
        return json.loads(file.read("messages.json")), BeautifulSoup(file.read("index.html"), "html.parser")


def test_the_page_loses_nothing_of_what_was_typed(private: Chat, alice: User) -> None:
    private.post(alice, HARD)
    data, page = unpacked(signed_in(alice), export(alice, private))
    assert [message["body"] for message in data["messages"]] == [HARD]
    assert [shown(str(body)) for body in page.select(".body")] == [letters(HARD)]


def test_threads_are_in_the_export_of_their_chat(private: Chat, alice: User, bob: User) -> None:
    root, other = private.post(alice, "We launch on Friday."), private.post(alice, "And then we rest.")
    thread = thread_of(root)
    replies = [thread.post(author, body) for author, body in ((bob, "Why not Monday?"), (alice, "No."))]
    thread_of(other)
    data, page = unpacked(signed_in(alice), export(alice, private))
    assert [message["id"] for message in data["messages"]] == [root.pk, other.pk]
    assert [found["root"] for found in data["threads"]] == [root.pk]
    assert [message["id"] for message in data["threads"][0]["messages"]] == [reply.pk for reply in replies]
    link = page.select_one(".thread a")
    assert link.text == "2 answers"
    heading = page.select_one(str(link["href"]))
    assert page.select_one(str(heading.a["href"])).select_one(".body").text.strip() == "We launch on Friday."
    bodies = [article.select_one(".body").text.strip() for article in heading.find_next_siblings("article")]
    assert bodies == ["Why not Monday?", "No."]
    ids = [tag["id"] for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))


def test_what_stands_beside_a_text_is_in_it_in_words(room: Chat, private: Chat, alice: User) -> None:
    original = content_of(private.post(alice, "We *launch* on Friday."))
    room.post(alice, "", additions=[ForwardAddition(original or {})])
    data, page = unpacked(signed_in(alice), export(alice, room))
    assert data["messages"][0]["beside"] == ["(forwarded) We launch on Friday."]
    assert [line.text for line in page.select(".beside")] == ["(forwarded) We launch on Friday."]


def files() -> list[str]:
    return sorted(path.name for path in exports.folder().iterdir())


@pytest.fixture(autouse=True)
def no_files() -> None:
    for path in exports.folder().iterdir():
        path.unlink()


def test_the_owner_exports_the_room_and_downloads_it(alice: User, bob: User, room: Chat) -> None:
    client = signed_in(alice)
    form = BeautifulSoup(client.get(f"/chats/{room.pk}/members/").content, "html.parser").select_one(
        "form[action$='exports/']"
    )
    answer = client.post(str(form["action"]))
    assert (answer.status_code, answer["Location"]) == (303, "/notifications/jobs/")
    job = alice.jobs.get()
    assert (job.title, job.state) == ("Export of General", Job.State.WAITING)
    tasks.export_chat(job.pk, *job.arguments)
    job.refresh_from_db()
    page = BeautifulSoup(client.get("/notifications/jobs/").content, "html.parser")
    assert page.select_one(f"a[href='{job.result_url}']").text == "Download"
    response = client.get(job.result_url)
    assert content(response)[:2] == b"PK"
    assert int(response["Content-Length"]) == exports.path_of(job.pk).stat().st_size
    assert re.fullmatch(r'attachment; filename="General \d{4}-\d\d-\d\d.zip"', response["Content-Disposition"])
    assert "no-store" in response["Cache-Control"]


def test_what_is_in_it(alice: User, bob: User, room: Chat) -> None:
    room.post(alice, "**Hello** & <b>all</b>")
    edited, deleted = room.post(bob, "Helo"), room.post(bob, "secret")
    edited.edit("Hello")
    deleted.delete_body()
    data, page = unpacked(signed_in(alice), export(alice, room))
    assert data["chat"] == {"id": room.pk, "kind": "open", "title": "General"}
    assert (data["format"], data["exported_by"]) == (1, "alice")
    assert [
        (message["number"], message["author"], message["author_name"], message["body"]) for message in data["messages"]
    ] == [
        (1, "alice", "Alice", "**Hello** & <b>all</b>"),
        (2, "bob", "Bob", "Hello"),
        (3, "bob", "Bob", ""),
    ]
    first, second, third = data["messages"]
    assert first["created_at"].endswith("+00:00")
    assert (first["edited_at"], bool(second["edited_at"]), bool(third["deleted_at"])) == (None, True, True)
    articles = page.select("article")
    assert "Hello & <b>all</b>" in articles[0].text
    assert articles[0].select_one("strong[data-hue]").text == "Alice"
    assert "edited" in articles[1].text
    assert "This message was deleted." in articles[2].text
    assert "secret" not in str(page)


def test_days_and_times_of_the_page_are_by_the_clock_of_whoever_exports(alice: User, room: Chat) -> None:
    for hour in (14, 15):
        message = room.post(alice, f"at {hour}")
        Message.objects.filter(pk=message.pk).update(created_at=datetime(2026, 6, 30, hour, 30, tzinfo=UTC))
    TimeZone.objects.create(user=alice, said="Asia/Tokyo")
    data, page = unpacked(signed_in(alice), export(alice, room))
    assert "all times are those of Asia/Tokyo" in page.text
    assert [day.text for day in page.select("h2")] == ["Tuesday, 30 June 2026", "Wednesday, 1 July 2026"]
    times = [(time["datetime"], time.text) for time in page.select("article time")]
    assert times == [("2026-06-30T14:30:00Z", "23:30"), ("2026-06-30T15:30:00Z", "00:30")]
    assert [each["created_at"] for each in data["messages"]] == [
        "2026-06-30T14:30:00+00:00",
        "2026-06-30T15:30:00+00:00",
    ]


def test_the_page_stands_alone_and_runs_nothing(alice: User, room: Chat) -> None:
    alice.first_name = "<script>alert(1)</script>"
    alice.save()
    room.rename("<img src=x onerror=alert(1)>", alice)
    room.post(alice, "<script>alert(1)</script> [x](javascript:alert(1)) ![p](https://evil.example/p.png)")
    _, page = unpacked(signed_in(alice), export(alice, room))
    assert not page.select("script, img, link, iframe, object, [src], [onerror]")
    assert {str(link["href"])[0] for link in page.select("[href]")} <= {"#", "h"}
    assert "default-src 'none'" in str(page.select_one("meta[http-equiv]")["content"])
    assert page.h1.text == "<img src=x onerror=alert(1)>"


def test_days_and_turns_go_on_over_the_borders_of_chunks(
    alice: User, bob: User, room: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "CHUNK", 2)
    messages = [room.post(author, "x") for author in (alice, alice, alice, bob, bob)]
    noon = timezone.now().replace(hour=12, minute=0)
    for message, hours in zip(messages, (0, 0, 0, 0, 24), strict=True):
        type(message).objects.filter(pk=message.pk).update(created_at=noon + timedelta(hours=hours))
    data, page = unpacked(signed_in(alice), export(alice, room))
    assert [message["number"] for message in data["messages"]] == [1, 2, 3, 4, 5]
    assert len(page.select("h2")) == 2
    continued = ["is-continued" in str(article) for article in page.select("article")]
    assert continued == [False, True, True, False, False]


def test_an_empty_chat_is_a_page_and_no_messages(alice: User, room: Chat) -> None:
    data, page = unpacked(signed_in(alice), export(alice, room))
    assert data["messages"] == []
    assert "Nothing was said here yet." in page.text


def test_only_owners_may_begin_and_in_a_direct_chat_everybody_in_it(
    alice: User, bob: User, carol: User, room: Chat, private: Chat
) -> None:
    direct = Chat.objects.direct([alice, bob])

    def may_begin(user: User, chat: Chat) -> bool:
        status = signed_in(user).post(f"/chats/{chat.pk}/exports/").status_code
        began = user.jobs.waiting().update(state=Job.State.CANCELLED)
        assert (status, began) in {(303, 1), (404, 0)}
        return status == 303

    allowed = {
        (user.username, name)
        for user in (alice, bob, carol)
        for name, chat in (("room", room), ("private", private), ("direct", direct))
        if may_begin(user, chat)
    }
    assert allowed == {("alice", "room"), ("alice", "private"), ("alice", "direct"), ("bob", "direct")}
    assert signed_in(alice).get(f"/chats/{room.pk}/exports/").status_code == 405


def test_the_button_is_there_for_whom_it_works(alice: User, bob: User, carol: User, room: Chat) -> None:
    direct = Chat.objects.direct([alice, bob])

    def offers(user: User, chat: Chat) -> bool:
        return "/exports/" in signed_in(user).get(f"/chats/{chat.pk}/members/").content.decode()

    assert [offers(user, room) for user in (alice, bob, carol)] == [True, False, False]
    assert [offers(user, direct) for user in (alice, bob)] == [True, True]


def test_pressing_twice_makes_one(alice: User, room: Chat) -> None:
    client = signed_in(alice)
    for _ in range(2):
        client.post(f"/chats/{room.pk}/exports/")
    first = alice.jobs.get()
    tasks.export_chat(first.pk, room.pk)
    client.post(f"/chats/{room.pk}/exports/")
    assert alice.jobs.count() == 2, "when one is done, there may be another"


WAIT = "Two exports are under way. Wait until one is done."


def rooms_of(user: User, count: int) -> list[Chat]:
    return [Chat.objects.start(user, f"Room {number}", Chat.Kind.PRIVATE) for number in range(count)]


def test_who_has_two_exports_under_way_waits_before_the_third(alice: User, bob: User) -> None:
    client = signed_in(alice)
    first, second, third = rooms_of(alice, 3)
    bobs = rooms_of(bob, 1)[0]
    for chat in (first, second, third):
        answer = client.post(f"/chats/{chat.pk}/exports/")
        assert (answer.status_code, answer["Location"]) == (303, "/notifications/jobs/")
    assert [job.arguments for job in alice.jobs.order_by("pk")] == [[first.pk], [second.pk]]
    assert WAIT in client.get("/notifications/jobs/").content.decode()
    client.post(f"/chats/{first.pk}/exports/")
    assert WAIT not in client.get("/notifications/jobs/").content.decode(), "that one is under way already"
    assert exports.start(bob, bobs).pk, "others have nothing to do with it"
    tasks.export_chat(alice.jobs.earliest("pk").pk, first.pk)
    client.post(f"/chats/{third.pk}/exports/")
    assert [job.arguments for job in alice.jobs.order_by("pk")] == [[first.pk], [second.pk], [third.pk]]


def test_who_has_two_exports_under_way_waits_before_a_retry_too(alice: User) -> None:
    client = signed_in(alice)
    first, second, third = rooms_of(alice, 3)
    failed = exports.start(alice, first)
    alice.jobs.cancel(failed.pk)
    exports.start(alice, second)
    under_way = exports.start(alice, third)
    before = alice.jobs.filter(pk=failed.pk).values().get()
    path = f"/notifications/jobs/{failed.pk}/retrying/"
    assert client.post(path)["Location"] == "/notifications/jobs/"
    assert WAIT in client.get("/notifications/jobs/").content.decode()
    assert client.post(path, headers={"HX-Request": "true"})["HX-Redirect"] == "/notifications/jobs/"
    assert WAIT in client.get("/notifications/jobs/").content.decode()
    assert alice.jobs.filter(pk=failed.pk).values().get() == before
    tasks.export_chat(under_way.pk, third.pk)
    client.post(path)
    assert alice.jobs.get(pk=failed.pk).state == Job.State.WAITING


def test_of_many_that_are_asked_for_at_once_two_begin(alice: User) -> None:
    chats = rooms_of(alice, 6)
    everybody = threading.Barrier(len(chats))

    def ask(chat: Chat) -> bool:
        everybody.wait(timeout=20)
        try:
            exports.start(alice, chat)
        except jobs.TooMany:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(chats)) as people:
        assert sorted(people.map(ask, chats)) == [False] * 4 + [True] * 2
    assert alice.jobs.count() == 2


def test_a_new_export_takes_the_place_of_the_earlier_one(alice: User, bob: User, room: Chat, private: Chat) -> None:
    direct = Chat.objects.direct([alice, bob])
    earlier, others = export(alice, direct), [export(alice, room), export(bob, direct)]
    new = export(alice, direct)
    assert files() == sorted(f"{job.pk}.zip" for job in (*others, new))
    client = signed_in(alice)
    assert client.get(f"/exports/{earlier.pk}/").status_code == 404
    page = BeautifulSoup(client.get("/notifications/jobs/").content, "html.parser")
    assert "A newer export has replaced this one." in page.select_one(f"#job-{earlier.pk}").text
    assert [link["href"] for link in page.select(".job a[href^='/exports/']")] == [new.result_url, others[0].result_url]


def test_pages_that_show_the_earlier_one_hear_of_it(alice: User, room: Chat, pushes: list[Event]) -> None:
    earlier, new = export(alice, room), export(alice, room)
    panel = assert_pushed(pushes, f"user.{alice.pk}", "#jobs")[-1]
    assert [link["href"] for link in panel.select("a")] == [new.result_url]
    assert panel.select_one(f"#job-{earlier.pk}")


def test_an_export_that_fails_replaces_nothing(alice: User, room: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = export(alice, room)

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(archive, "_chunks", fail)
    with pytest.raises(OSError, match="no space"):
        export(alice, room)
    assert files() == [f"{earlier.pk}.zip"]
    assert signed_in(alice).get(earlier.result_url).status_code == 200


def test_nobody_else_gets_the_file(alice: User, bob: User, carol: User, room: Chat, client: Client) -> None:
    job = export(alice, room)
    assert [signed_in(user).get(job.result_url).status_code for user in (alice, bob, carol)] == [200, 404, 404]
    assert client.get(job.result_url).status_code == 302
    assert signed_in(alice).get("/exports/999999/").status_code == 404


def test_a_job_of_another_kind_is_no_export(alice: User, room: Chat) -> None:
    job = Job.objects.create(user=alice, title="Import", task="other", arguments=[room.pk], result_url="/x/")
    exports.path_of(job.pk).write_bytes(b"PK")
    assert signed_in(alice).get(f"/exports/{job.pk}/").status_code == 404


def test_who_owns_the_chat_no_more_gets_nothing(alice: User, bob: User, room: Chat) -> None:
    job = export(alice, room)
    room.release(alice)
    assert signed_in(alice).get(job.result_url).status_code == 404
    assert signed_in(bob).get(job.result_url).status_code == 404, "the new owner has to export it himself"
    waiting = exports.start(bob, room)
    room.release(bob)
    with pytest.raises(PermissionError):
        tasks.export_chat(waiting.pk, room.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error) == (Job.State.FAILED, "PermissionError: Only its owner can export a chat.")
    assert files() == [f"{job.pk}.zip"]


def test_of_a_deleted_chat_there_is_nothing_to_be_had(alice: User, bob: User, room: Chat) -> None:
    direct = Chat.objects.direct([alice, bob])
    gone, kept, waiting = (
        [export(alice, direct), export(bob, direct)],
        export(alice, room),
        exports.start(alice, direct),
    )
    chat_pk = direct.pk
    with transaction.atomic():
        direct.delete()
        assert len(files()) == 3, "it may still be rolled back"
    assert files() == [f"{kept.pk}.zip"]
    client = signed_in(alice)
    assert client.get(gone[0].result_url).status_code == 404
    page = BeautifulSoup(client.get("/notifications/jobs/").content, "html.parser")
    assert "The chat was deleted." in page.select_one(f"#job-{gone[0].pk}").text
    waiting.refresh_from_db()
    assert waiting.result_label == "", "there was no file to be deleted"
    with pytest.raises(PermissionError):
        tasks.export_chat(waiting.pk, chat_pk)
    assert files() == [f"{kept.pk}.zip"]


class DeletedOnTheWay(Progress):
    """A block whose chat is deleted when half of it is written."""

    def advance(self, steps: int = 1) -> None:
        super().advance(steps)
        Chat.objects.all().delete()


class DeletedAtTheEnd(Progress):
    """A block whose chat is deleted when all of it is written, before the file has its name."""

    def result(self, url: str, label: str = "Open") -> None:
        super().result(url, label)
        Chat.objects.all().delete()


@pytest.mark.parametrize("block", [DeletedOnTheWay, DeletedAtTheEnd])
def test_a_chat_that_is_deleted_while_it_is_written_leaves_no_file(
    alice: User, room: Chat, monkeypatch: pytest.MonkeyPatch, block: type[Progress]
) -> None:
    monkeypatch.setattr(archive, "CHUNK", 1)
    room.post(alice, "x")
    room.post(alice, "y")
    job = exports.start(alice, room)
    with pytest.raises(PermissionError), block(lambda: job.pk, None) as p:
        exports.write(job.pk, room.pk, p)
    job.refresh_from_db()
    assert (job.state, job.result_url, files()) == (Job.State.FAILED, "", [])


def test_a_chat_that_is_deleted_just_after_it_was_written_leaves_no_file(alice: User, room: Chat) -> None:
    job = exports.start(alice, room)
    with progress.progress_of(job.pk) as p:
        exports.write(job.pk, room.pk, p)
        assert files() == [f"{job.pk}.zip"]
        room.delete()
    assert files() == []
    assert signed_in(alice).get(f"/exports/{job.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Küche 🎉 日本", "Küche 🎉 日本"),
        ('a/b\\c:"d"', "a_b_c__d_"),
        ("../../etc", "_.._etc"),
        ("two\r\nlines", "two__lines"),
        ("\u202egpj", "_gpj"),
        ("...", "Chat"),
        ("x" * 500, "x" * 80),
    ],
)
def test_the_file_has_a_name_that_every_machine_takes(title: str, name: str) -> None:
    assert exports.file_name(title) == f"{name} {timezone.now():%Y-%m-%d}.zip"


def test_names_in_other_scripts_arrive(alice: User, room: Chat) -> None:
    room.rename("Küche 🎉", alice)
    disposition = signed_in(alice).get(export(alice, room).result_url)["Content-Disposition"]
    assert unquote(disposition).startswith("attachment; filename*=utf-8''Küche 🎉 ")


def test_it_lies_where_nobody_else_can_look(alice: User, room: Chat) -> None:
    path = exports.path_of(export(alice, room).pk)
    assert path.is_relative_to(paths.state_dir() / "private")
    assert (path.stat().st_mode & 0o077, path.parent.stat().st_mode & 0o077) == (0, 0)


class Interrupted(Progress):
    """A block whose owner cancels it at its first step."""

    def advance(self, steps: int = 1) -> None:
        assert [name for name in files() if name.endswith(".part")], "it is being written"
        Job.objects.cancel(self.job_pk)
        super().advance(steps)


def test_cancelling_in_the_middle_leaves_no_file_but_the_earlier_one(
    alice: User, room: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "CHUNK", 1)
    monkeypatch.setattr(progress, "WRITE_SECONDS", 0)
    for _ in range(3):
        room.post(alice, "x")
    earlier, job = export(alice, room), exports.start(alice, room)
    monkeypatch.setattr(tasks, "progress_of", lambda job_pk: Interrupted(lambda: job_pk, None))
    tasks.export_chat(job.pk, room.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (Job.State.CANCELLED, 1, 3)
    assert files() == [f"{earlier.pk}.zip"]


def test_as_long_as_the_file_is_kept_its_task_is() -> None:
    assert exports.KEPT_FOR < upkeep.KEPT_FOR


def test_after_a_week_the_file_is_deleted_and_the_task_says_so(alice: User, room: Chat, private: Chat) -> None:
    job, fresh = export(alice, room), export(alice, private)
    (exports.folder() / "left.part").touch()
    eight_days_ago = time.time() - timedelta(days=8).total_seconds()
    for name in (f"{job.pk}.zip", "left.part"):
        os.utime(exports.folder() / name, (eight_days_ago, eight_days_ago))
    Job.objects.filter(pk=job.pk).update(ended_at=timezone.now() - timedelta(days=8))
    link = job.result_url
    tasks.delete_old_exports()
    assert files() == [f"{fresh.pk}.zip"]
    client = signed_in(alice)
    assert client.get(link).status_code == 404
    page = client.get("/notifications/jobs/").content.decode()
    assert "The file was deleted after 7 days." in page
    assert link not in page
    assert fresh.result_url in page


def test_a_file_that_is_gone_is_not_found(alice: User, room: Chat) -> None:
    job = export(alice, room)
    exports.path_of(job.pk).unlink()
    assert signed_in(alice).get(job.result_url).status_code == 404


def test_memory_does_not_grow_with_the_chat(alice: User, room: Chat, request: pytest.FixtureRequest) -> None:
    # As often as a worker does, not as rarely as the tests.
    request.addfinalizer(partial(gc.set_threshold, *gc.get_threshold()))
    gc.set_threshold(700, 10, 10)

    def peak() -> int:
        gc.collect()
        tracemalloc.start()
        export(alice, room)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            room.messages.create(
                author=alice, number=number, created_seq=number, changed_seq=number, body="x" * 2000, html="x" * 2000
            )
        Chat.objects.filter(pk=room.pk).update(last_number=last - 1)
        room.refresh_from_db()

    fill(1, 401)
    peak()
    small = peak()
    fill(401, 1601)
    assert peak() < small * 1.5
