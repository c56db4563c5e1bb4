"""Tables, task lists, code in its colours, and emoji by name: what each is, and what is none and stays as typed."""

import time

import pytest
from bs4 import BeautifulSoup, Tag

from notifications.prose import text
from notifications.prose.highlighting import CLASSES, LANGUAGES, highlighted


def page(written: str) -> BeautifulSoup:
    """Return what a text becomes."""
    return BeautifulSoup(text.render(written), "html.parser")


def rows(table: Tag | None) -> list[list[str]]:
    """Return the texts of a table's cells."""
    assert table
    return [[cell.text for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")]


def test_lines_with_bars_below_a_line_of_columns_are_a_table() -> None:
    table = page("Prices:\n| what | how *much* |\n|:--|--:|\n| tea | 2 |\n| a \\| b | `3` |\nand so on").table
    assert rows(table) == [["what", "how much"], ["tea", "2"], ["a | b", "3"]]
    assert [cell.get("class") for cell in table.find_all("td")] == [None, ["is-end"], None, ["is-end"]]
    assert [each.text for each in page("a\n| b |\n|-|\n| c |\nd").find_all("p")] == ["a", "d"]


def test_no_cell_is_lost_where_rows_have_more_or_fewer_than_the_head() -> None:
    assert rows(page("| a |\n|---|\n| 1 | 2 | 3 |\n||\n| 4").table) == [["a"], ["1", "2", "3"], [""], ["4"]]


def test_a_table_stands_in_quotes_and_items_too() -> None:
    assert rows(page("> | a |\n> |---|\n> | 1 |").blockquote.table) == [["a"], ["1"]]
    assert rows(page("- | a |\n  |---|\n  | 1 |").li.table) == [["a"], ["1"]]


@pytest.mark.parametrize(
    "written",
    [
        "| a | b |\n|---|---|",
        "| a | b |\n|---|\n| 1 | 2 |",
        "| a |\n| 1 |\n| 2 |",
        "a | b\n--- | ---\n1 | 2",
        "cat x | sort | uniq",
        "- [x]",
        "- [ ]",
        "[x] done",
        "- [y] what",
        "at 10:30:45, a::man::b, x:cat:y, :nobody_calls_it_that:, 1:100:2",
        "std::map::end",
    ],
)
def test_what_is_none_of_them_stays_as_it_was_typed(written: str) -> None:
    shown = page(written)
    assert shown.text.split() == written.removeprefix("- ").split()
    assert {tag.name for tag in shown.find_all(True)} <= {"p", "br", "ul", "li"}


def test_items_with_a_box_are_a_task_list() -> None:
    items = page("- [ ] buy *tea*\n- [x] boil\n1. [X] pour\n- [x](https://example.org/x)").find_all("li")
    boxes = [item.input for item in items]
    assert [box and box.has_attr("checked") for box in boxes] == [False, True, True, None]
    assert all(box.has_attr("disabled") and box["type"] == "checkbox" for box in boxes[:3])
    assert [box["aria-label"] for box in boxes[:3]] == ["To do", "Done", "Done"]
    assert [item.text.strip() for item in items] == ["buy tea", "boil", "pour", "x"]


def test_an_emoji_is_shown_by_its_name_and_says_what_was_typed() -> None:
    signs = page("so :tada:, **:+1:** (:Tada:) `:tada:` :tada::tada:").find_all("span")
    assert [(sign.text, sign["title"]) for sign in signs] == [("🎉", ":tada:"), ("👍", ":+1:")]


def test_a_code_block_of_a_known_language_is_in_colours_and_says_the_same() -> None:
    code = "@wraps\ndef f(x):\n    return '<b>' + 1  # why\n"
    pre = page(f"```py\n{code}```").pre
    assert pre.code.text == code
    assert {(span.text, *span["class"]) for span in pre.code.find_all("span")} == {
        ("@wraps", "hl-f"),
        ("def", "hl-k"),
        ("f", "hl-f"),
        ("return", "hl-k"),
        ("'<b>'", "hl-s"),
        ("1", "hl-n"),
        ("# why", "hl-c"),
    }


@pytest.mark.parametrize("code", ["\n\n  x = 1\n\n", "no end", "\ufeffx", "a\tb", "<?php echo 1; ?>", "é ñ 字 🎉"])
@pytest.mark.parametrize("language", sorted({"php", "html", "console", "diff", "c", "yaml"}))
def test_nothing_of_the_code_is_lost_by_its_colours(code: str, language: str) -> None:
    assert page(f"```{language}\n{code}\n```").code.text.strip("\n") == code.strip("\n")


def test_an_unknown_language_or_none_stays_plain() -> None:
    for written in ("```nothing\nif x\n```", "```\nif x\n```", "```text\nif x\n```"):
        assert page(written).code.find_all(True) == []


def test_no_class_is_let_through_but_those_of_the_colours() -> None:
    code = page("```html\n<p class='message'>x</p>\n```")
    used = {name for tag in code.find_all(True) for name in (tag.get("class") or ())}
    assert used <= set(CLASSES.values())


ENDLESS = ["a ", "\n ", "a:", "=", "public ", "a::b "]


@pytest.mark.parametrize("language", sorted(set(LANGUAGES.values())))
def test_no_language_takes_long_over_any_text(language: str) -> None:
    # Each lexer looks ahead in its own way: the longest of them took a minute over ten thousand characters.
    for piece in ENDLESS:
        for code in (piece * (10_000 // len(piece)), ((piece * 500)[:400] + "\n") * 25):
            start = time.thread_time()
            highlighted(code, language)
            assert time.thread_time() - start < 1, piece


def test_many_tables_that_are_none_take_no_long_time() -> None:
    start = time.thread_time()
    text.render("|-|\n|-|-|\n" * 1000)
    text.render("| a" * 3000)
    assert time.thread_time() - start < 2
