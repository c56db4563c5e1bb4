"""What people write becomes safe HTML, or a clear error."""

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from notifications import text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**bold** and *soft*", "<strong>bold</strong> and <em>soft</em>"),
        ("~~gone~~", "<s>gone</s>"),
        ("`code`", "<code>code</code>"),
        ("one\ntwo", "one<br>\ntwo"),
        ("> said", "<blockquote>"),
        ("1. a\n2. b", "<ol>"),
        ("see https://example.org/x", '<a href="https://example.org/x"'),
        ("```\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
    ],
)
def test_limited_markdown_is_rendered(written: str, shown: str) -> None:
    assert shown in text.render(written)


@pytest.mark.parametrize(
    "written",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<div id="messages" hx-get="/x" ws-connect="/y" hx-swap-oob="true">x</div>',
        "![picture](https://example.org/spy.png)",
        "[x](javascript:alert(1))",
        "[x](data:text/html,hi)",
        "# heading",
        '[x](https://example.org "\\" onclick=alert(1)")',
    ],
)
def test_nothing_active_gets_through(written: str) -> None:
    for tag in BeautifulSoup(text.render(written), "html.parser").find_all(True):
        assert tag.name in text.ALLOWED_TAGS
        assert set(tag.attrs) <= ({"href", "target", "rel"} if tag.name == "a" else {"start"})
        assert str(tag.get("href", "https:")).split(":")[0] in {"http", "https", "mailto"}


@given(st.text(max_size=300))
def test_any_text_renders_to_allowed_elements_only(written: str) -> None:
    soup = BeautifulSoup(text.render(written), "html.parser")
    assert {tag.name for tag in soup.find_all(True)} <= text.ALLOWED_TAGS


def test_links_tell_nothing_and_open_beside_the_page() -> None:
    link = BeautifulSoup(text.render("https://example.org"), "html.parser").a
    assert link is not None
    assert link["target"] == "_blank"
    assert set(link["rel"]) == {"noopener", "noreferrer", "nofollow", "ugc"}


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("", "Write something"),
        ("  \n ", "Write something"),
        ("x" * 10_001, "10,001 characters"),
        ("a\0b", "cannot be stored"),
        ("half \ud83d", "cannot be stored"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_a_reason(written: str, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        text.clean(written)
