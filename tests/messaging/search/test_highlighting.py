"""What was found is set off in a message's own HTML, and nothing else of that changes."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.search.asking import read
from messaging.search.highlighting import marked, marked_text
from notifications.push import text

CASES = [
    ("apple", "<p>An Apple, apples</p>", "<p>An <mark>Apple</mark>, <mark>apples</mark></p>"),
    ('"apple"', "<p>An Apple, apples</p>", "<p>An <mark>Apple</mark>, apples</p>"),
    ('"apple pie"', "<p>apple, pie; pie apple</p>", "<p><mark>apple, pie</mark>; pie apple</p>"),
    ('"apple pie"', "<p>an <b>apple</b> pie</p>", "<p>an <b><mark>apple</mark></b> <mark>pie</mark></p>"),
    ("a b", "<p>a &amp; b &lt;b&gt;</p>", "<p><mark>a</mark> &amp; <mark>b</mark> &lt;<mark>b</mark>&gt;</p>"),
    ("href", '<a href="https://href.example/?href=1">here</a>', '<a href="https://href.example/?href=1">here</a>'),
    ("p", "<p>x<br>y</p>", "<p>x<br>y</p>"),
    ("zurich", "<p>Zürich</p>", "<p><mark>Zürich</mark></p>"),
    ("日本", "<p>日本語</p>", "<p><mark>日本</mark>語</p>"),
    ("foo fo", "<p>foo</p>", "<p><mark>foo</mark></p>"),
    ("", "<p>foo</p>", "<p>foo</p>"),
    (
        "script",
        "<p>&lt;script&gt;x&lt;/script&gt;</p>",
        "<p>&lt;<mark>script</mark>&gt;x&lt;/<mark>script</mark>&gt;</p>",
    ),
]


@pytest.mark.parametrize(("typed", "said", "shown"), CASES)
def test_hits_are_marked(typed: str, said: str, shown: str) -> None:
    assert marked(said, read(typed).phrases) == shown


def test_a_text_is_no_html() -> None:
    shown = marked_text("<b>File: apple & co</b>", read("apple b").phrases)
    assert shown == "&lt;b&gt;File: <mark>apple</mark> &amp; co&lt;/b&gt;".replace("b&gt;", "<mark>b</mark>&gt;")


@given(
    st.text(alphabet=st.sampled_from("ab <>&'\"*_`[]()\n#1日"), max_size=40), st.text(alphabet="ab& <1日", max_size=6)
)
def test_only_marks_are_added(said: str, typed: str) -> None:
    before = text.render(said)
    after = str(marked(before, read(typed).phrases))
    assert html.unescape(re.sub("</?mark>", "", after)) == html.unescape(before)
