"""Live regions: who may follow an object, what its pages are told, and that nothing falls between page and socket."""

import threading
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.models.signals import post_delete
from django.template import Context, Template, TemplateSyntaxError
from django.test import Client, RequestFactory

from notifications.live import regions as live
from notifications.live import streams
from notifications.live.door import push_html, recheck_rights, suppress_pushes
from notifications.live.verbs import append
from notifications.models import Version
from notifications.relay import process, upkeep
from notifications.relay.close_codes import CloseCode
from notifications.testing import Event, assert_not_pushed, assert_pushed
from project.asgi import application
from tests.conftest import signed_in
from tests.notifications.relay.test_relay import Page, opened

pytestmark = pytest.mark.django_db(transaction=True)

asked: list[tuple[Collection[int], Collection[int]]] = []


def visible_to(user_pks: Collection[int], pks: Collection[int]) -> live.Pairs:
    """Let people see the groups that they are in; it returns others too, which must do no harm."""
    asked.append((user_pks, pks))
    return User.groups.through.objects.filter(group__in=pks).values_list("user_id", "group_id")


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make groups of people live, for the time of a test."""
    monkeypatch.setattr(streams, "_kinds", dict(streams._kinds))
    monkeypatch.setattr(post_delete, "receivers", list(post_delete.receivers))
    live.register(Group, visible_to=visible_to)
    asked.clear()
    yield
    monkeypatch.undo()
    post_delete.sender_receivers_cache.clear()


@pytest.fixture
def cooks(alice: User, bob: User, carol: User) -> Group:
    """A group of alice's and bob's."""
    group = Group.objects.create(name="Cooks")
    group.user_set.set([alice, bob])
    return group


def name(group: Group) -> str:
    return f"group.{group.pk}"


def rendered(
    group: Any,
    text: str = "{% live group %}{{ group.name }}{% endlive %}",
    path: str = "/team/",
    *,
    htmx: bool = False,
) -> str:
    request = RequestFactory().get(path)
    request.htmx = htmx  # type: ignore[attr-defined]
    return Template(f"{{% load pushes %}}{text}").render(Context({"group": group, "request": request}))


def tell(group: Group, text: str = "news") -> None:
    push_html(group, "told", f'<p id="news" hx-swap-oob="true">{text}</p>')


def test_each_push_to_a_registered_object_counts(cooks: Group, alice: User, pushes: list[Event]) -> None:
    tell(cooks)
    append([cooks, alice], "#people", "notifications/inbox/_badge.html", {"waiting": 0})
    push_html(name(cooks), "told", "<p></p>")
    assert [event["seq"] for event in pushes if event["group"] == name(cooks)] == [1, 2, 3]
    assert [event["seq"] for event in pushes if event["group"] == f"user.{alice.pk}"] == [None]
    (envelope,) = assert_pushed(pushes, cooks, "[data-verb]")
    assert (envelope["data-stream"], envelope["data-seq"]) == (name(cooks), "2")
    assert "data-seq" not in assert_pushed(pushes, alice, "[data-verb]")[0].attrs


def test_a_push_that_is_rolled_back_or_suppressed_does_not_count(cooks: Group, pushes: list[Event]) -> None:
    with transaction.atomic():
        tell(cooks)
        transaction.set_rollback(True)
    with suppress_pushes():
        tell(cooks)
    assert Version.objects.seqs([name(cooks)]) == {name(cooks): 0}
    assert_not_pushed(pushes, cooks)


def test_the_place_is_taken_before_the_rendering(cooks: Group, pushes: list[Event], templates: Path) -> None:
    # Or another transaction, whose change this one does not see, could take the later place for an older state.
    (templates / "seq.html").write_text("<p>{{ seq }}</p>")
    append(cooks, "#people", "seq.html", {"seq": lambda: Version.objects.seqs([name(cooks)])[name(cooks)]})
    assert assert_pushed(pushes, cooks, "p")[0].text == "1"


def test_pushes_at_the_same_time_take_different_places(cooks: Group, pushes: list[Event]) -> None:
    together = threading.Barrier(4)

    def tell_it(who: str) -> None:
        together.wait(timeout=10)
        with transaction.atomic():
            tell(cooks, who)
            tell(cooks, who)
        connection.close()

    names = ["alice", "bob", "carol", "dave"]
    threads = [threading.Thread(target=tell_it, args=[who]) for who in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    places = [event["seq"] for event in pushes]
    assert sorted(places) == list(range(1, 9))
    for who in names:
        first, second = [event["seq"] for event in pushes if who in event["html"]]
        assert second == first + 1, "nobody takes a place before who has taken one has committed"


def test_a_region_has_its_content_and_the_means_to_stay_new(cooks: Group, pushes: list[Event]) -> None:
    tell(cooks)
    page = BeautifulSoup(rendered(cooks, path="/team/?page=2"), "html.parser")
    (region,) = page.select(f"#live-group-{cooks.pk}")
    assert (region.text, region["data-seq"], region["data-live"]) == ("Cooks", "1", name(cooks))
    assert page.select_one(f"#cursor-group-{cooks.pk}")["data-seq"] == "1"
    (follower,) = page.select("[data-socket='/ws/live/']")
    assert follower["data-stream"] == name(cooks)
    assert follower["hx-get"] == f"/notifications/live/group/{cooks.pk}/changes/"
    assert page.select_one(f"[data-refresh='{name(cooks)}']")["hx-get"] == "/team/?page=2"
    assert not [parent for parent in region.parents if any(key.startswith("hx-") for key in parent.attrs)]


def test_a_region_shows_the_object_as_it_is_and_not_as_the_view_has_read_it(cooks: Group) -> None:
    Group.objects.filter(pk=cooks.pk).update(name="Chefs")
    assert ">Chefs</div>" in rendered(cooks)


@pytest.mark.parametrize(("times", "seq", "shown"), [(1, 1, 1), (100, 2, 3)], ids=["once", "all the time"])
def test_what_commits_while_a_region_is_rendered_is_in_it_and_not_after_its_place(
    cooks: Group, monkeypatch: pytest.MonkeyPatch, pushes: list[Event], times: int, seq: int, shown: int
) -> None:
    read, names = Group.refresh_from_db, (f"Chefs {number}" for number in range(1, times + 1))

    def change_and_read(group: Group) -> None:
        if changed := next(names, None):
            Group.objects.filter(pk=cooks.pk).update(name=changed)
            tell(cooks)
        read(group)

    monkeypatch.setattr(Group, "refresh_from_db", change_and_read)
    page = rendered(cooks)
    # The push of what is in it already would show that twice. What changes all the time has a place rather too early.
    assert f'data-seq="{seq}"' in page
    assert f">Chefs {shown}</div>" in page
    assert ("data-stale" in streams.changes(name(cooks), seq).html) == (shown > seq)


def test_what_the_view_asked_for_is_as_new_as_the_place_of_the_region(
    cooks: Group, monkeypatch: pytest.MonkeyPatch, pushes: list[Event]
) -> None:
    names, asked = Group.objects.order_by("pk").values_list("name", flat=True), connection.execute_wrapper

    def change_once(execute: Any, *query: Any) -> Any:
        found = execute(*query)
        if query[0].startswith('SELECT "auth_group"."name"') and not pushes:
            # This answer is older than the number that is asked for behind the block.
            Group.objects.filter(pk=cooks.pk).update(name="Chefs")
            tell(cooks)
        return found

    request = RequestFactory().get("/team/")
    request.htmx = False  # type: ignore[attr-defined]
    text = "{% load pushes %}{% live group %}{{ names|join:' and ' }}{% endlive %}"
    context = Context({"group": cooks, "names": names, "request": request})
    with asked(change_once):
        page = Template(text).render(context)
    assert ('data-seq="1"' in page) == (">Chefs</div>" in page), "a newer place would keep what is older for ever"


def test_several_regions_of_a_page_have_names_of_their_own(cooks: Group) -> None:
    page = rendered(cooks, '{% live group %}a{% endlive %}{% live group "total" %}b{% endlive %}')
    regions = BeautifulSoup(page, "html.parser").select("[data-live]")
    assert [region["id"] for region in regions] == [f"live-group-{cooks.pk}", f"live-group-{cooks.pk}-total"]


def test_a_region_is_fetched_as_its_page_was_by_a_browser_or_as_a_part_by_htmx(cooks: Group) -> None:
    assert 'hx-headers=\'{"HX-Request": "false"}\'' in rendered(cooks)
    assert "hx-headers" not in rendered(cooks, htmx=True)


def test_a_region_of_what_was_deleted_meanwhile_is_empty(cooks: Group) -> None:
    Group.objects.get(pk=cooks.pk).delete()
    assert rendered(cooks) == ""


def test_mistakes_are_told_clearly(cooks: Group, alice: User) -> None:
    for not_live in (Permission.objects.all()[0], alice):
        with pytest.raises(ImproperlyConfigured, match=r"call live\.register\((Permission|User), visible_to=…\)"):
            rendered(not_live)
    with pytest.raises(ValueError, match="Save <Group: new> before"):
        rendered(Group(name="new"))
    with pytest.raises(TemplateSyntaxError, match="live takes an object"):
        rendered(cooks, "{% live %}{% endlive %}")
    with pytest.raises(ImproperlyConfigured, match="needs the request"):
        Template("{% load pushes %}{% live group %}{% endlive %}").render(Context({"group": cooks}))
    with pytest.raises(
        ImproperlyConfigured, match=r"auth\.Group cannot be live: another kind of streams is called 'group'"
    ):
        live.register(Group, visible_to=visible_to)


async def test_members_hear_a_push_and_an_outsider_gets_nothing(cooks: Group, alice: User, carol: User) -> None:
    alices, carols = await opened(alice, name(cooks)), await opened(carol, name(cooks))
    assert (alices.closed_with, carols.closed_with) == (None, CloseCode.NOT_FOUND)
    await database_sync_to_async(tell)(cooks)
    await alices.until(lambda: "news" in alices.text)
    assert alices.frames[-1].endswith(streams.cursor(name(cooks), 1))
    assert "data-stale" not in alices.text
    assert carols.frames == []


async def test_many_sockets_are_judged_with_one_question(cooks: Group, alice: User, bob: User) -> None:
    pages = [Page(session, name(cooks)) for user in (alice, bob) for session in [await session_of(user)] * 5]
    for page in pages:
        process.current().add(page.socket)
    for page in pages:
        await page.until(lambda page=page: bool(page.frames))  # type: ignore[misc]
    assert asked == [({alice.pk, bob.pk}, {cooks.pk})]


async def test_a_page_that_is_behind_is_told_to_fetch_its_region(cooks: Group, alice: User) -> None:
    await database_sync_to_async(tell)(cooks)
    behind, there = await opened(alice, name(cooks)), await opened(alice, name(cooks), after=1)
    assert f"[data-refresh='{name(cooks)}']" in behind.text
    assert "data-stale" not in there.text
    assert behind.text.endswith(streams.cursor(name(cooks), 1))


async def test_a_push_that_redis_lost_is_noticed_by_the_next_check(
    cooks: Group, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "CHECK_SECONDS", 0.05)
    monkeypatch.setattr(upkeep, "GRACE_SECONDS", 0.01)
    page = await opened(alice, name(cooks))
    monkeypatch.setattr("notifications.live.door._send", lambda events: None)
    await database_sync_to_async(tell)(cooks)
    await page.until(lambda: "data-stale" in page.text)


async def test_who_is_removed_or_whose_object_is_deleted_is_sent_away(cooks: Group, alice: User, bob: User) -> None:
    alices, bobs = await opened(alice, name(cooks)), await opened(bob, name(cooks))

    @database_sync_to_async
    def remove_alice() -> None:
        cooks.user_set.remove(alice)
        recheck_rights([alice.pk])

    await remove_alice()
    await alices.until(lambda: alices.closed_with == CloseCode.NO_LONGER_ALLOWED)
    await database_sync_to_async(tell)(cooks)
    await bobs.until(lambda: "news" in bobs.text)
    await database_sync_to_async(cooks.delete)()
    await bobs.until(lambda: bobs.closed_with == CloseCode.NO_LONGER_ALLOWED)
    assert not await Version.objects.aexists()
    assert "news" not in alices.text


async def test_the_generic_address_serves_what_is_registered_and_nothing_else(cooks: Group, alice: User) -> None:
    client = await database_sync_to_async(signed_in)(alice)
    headers = [(b"host", b"localhost"), (b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode())]
    for path, code in ((name(cooks), None), ("members.1", 4404), ("permission.1", 4404), ("user.0", 4404)):
        kind, pk = path.split(".")
        socket = WebsocketCommunicator(application, f"/ws/live/{kind}/{pk}/?after=0", headers=headers)
        await socket.connect(timeout=5)
        first = await socket.receive_output(timeout=5)
        assert first.get("code") == code, path
        await socket.disconnect()


def test_without_a_socket_the_same_is_told_over_http(
    cooks: Group, alice: User, carol: User, pushes: list[Event]
) -> None:
    tell(cooks)
    address = f"/notifications/live/group/{cooks.pk}/changes/"
    answer = signed_in(alice).get(address, {"after": 0})
    assert "data-stale" in answer.text
    assert answer.text.endswith(streams.cursor(name(cooks), 1))
    assert "data-stale" not in signed_in(alice).get(address, {"after": 1}).text
    assert signed_in(carol).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    for unknown in ("members/1", "permission/1", f"user/{carol.pk}", f"group/{'9' * 30}"):
        assert signed_in(alice).get(f"/notifications/live/{unknown}/changes/").status_code == 404


@database_sync_to_async
def session_of(user: User) -> str:
    return str(signed_in(user).cookies["sessionid"].value)
