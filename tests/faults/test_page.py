"""The model of a page does what swaps.js does; tests/browser shows the same of the real one."""

from tests.faults.page import Page, Row, read_frame


def article(number: int, seq: int, *, oob: str = "") -> str:
    body = f'<div class="message-body"><p>tok00000000n{number:06d} <b>bold</b> &amp; all</p></div>'
    return f'<article id="message-{number}" data-seq="{seq}" data-number="{number}"{oob}>{body}</article>'


def new(number: int, seq: int) -> str:
    return f"<div hx-swap-oob=\"beforeend:[data-messages='1']\">{article(number, seq)}</div>"


def changed(number: int, seq: int) -> str:
    return article(number, seq, oob=' hx-swap-oob="true"')


def redrawn(seq: int, *numbers: int) -> str:
    inner = "".join(article(number, number) for number in numbers)
    older = '<a class="older" href="/chats/1/?before=5">Older messages</a>'
    oob = "innerHTML:[data-messages='1']"
    return f'<div data-stream="chat.1" data-seq="{seq}" hx-swap-oob="{oob}">{older}{inner}</div>'


def cursor(seq: int) -> str:
    return f'<data id="cursor-chat-1" data-stream="chat.1" data-seq="{seq}" hx-swap-oob="true" hidden></data>'


def page(*frames: str, plain: bool = False) -> Page:
    page = Page.load(f'<div id="messages">{article(1, 1)}</div>{cursor(1)}', "chat.1").copy(plain)
    for frame in frames:
        page.take(read_frame(frame))
    return page


def numbers(page: Page) -> list[int]:
    return [row.number for row in page.rows]


def test_page_as_it_comes() -> None:
    first = page()
    assert first.rows == [Row("message-1", 1, 1, "tok00000000n000001 bold & all", "tok00000000n000001")]
    assert (first.cursor, first.older) == (1, None)


def test_late_messages_go_to_their_place() -> None:
    late = page(new(4, 4), new(2, 2) + new(3, 3))
    assert numbers(late) == [1, 2, 3, 4]


def test_doubles_and_older_states_are_dropped() -> None:
    twice = page(new(2, 2), changed(2, 3), new(2, 2) + cursor(3), cursor(2))
    assert [(row.number, row.seq) for row in twice.rows] == [(1, 1), (2, 3)]
    assert twice.cursor == 3


def test_change_of_what_is_not_shown_is_dropped() -> None:
    assert numbers(page(changed(7, 7))) == [1]


def test_list_afresh_replaces_unless_the_page_is_further() -> None:
    afresh = page(redrawn(6, 5, 6) + cursor(6))
    assert (numbers(afresh), afresh.older, afresh.cursor) == ([5, 6], 5, 6)
    assert numbers(page(cursor(9), redrawn(6, 5, 6))) == [1]


def test_what_is_older_than_a_part_of_the_list_is_left_to_its_link() -> None:
    assert numbers(page(redrawn(6, 5, 6) + cursor(6), new(4, 4))) == [5, 6]


def test_only_what_was_not_shown_counts_as_fresh() -> None:
    shown = page(new(5, 5))
    assert [row.number for row in shown.take(read_frame(redrawn(6, 5, 6)))] == [6]


def test_tokens_of_a_frame() -> None:
    assert read_frame(new(2, 2) + changed(3, 3)).tokens == {"tok00000000n000002", "tok00000000n000003"}


def test_plain_page_shows_all_it_is_sent() -> None:
    assert numbers(page(new(3, 3), new(2, 2), new(3, 3), plain=True)) == [1, 3, 2, 3]
