"""What people write becomes safe HTML, or a clear error."""

import re

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from notifications.prose import text
from tests.notifications.prose.shown import letters, shown


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
        assert set(tag.attrs) <= ({"href", "target", "rel"} if tag.name == "a" else {"start", "value"})
        assert str(tag.get("href", "https:")).split(":")[0] in {"http", "https", "mailto"}


PIECES = [
    *(
        "a",
        "b6",
        "Ä",
        "é",
        "字",
        "한글",
        "٣",
        "0",
        " ",
        "  ",
        "\t",
        "\n",
        "\n\n",
        "\n    ",
        "\u200b",
        "!",
        "|",
        "(",
        ")",
    ),
    *("*", "**", "***", "~", "~~", "`", "``", "_", "__init__", "2*3*4", "- - -", "\n===\n", "\n---\n", "\n# h\n"),
    *("\n> ", ">", "> > > ", "\n- ", "- ", "\n* ", "\n+ ", "\n1. ", "1. ", "\n24. ", "\n7) ", "\n007. ", "\n1999. "),
    *("\n```\n", "\n```py\n", "```", "\n~~~\n", "\n````\n", "\\", "\\*", "\\[", "\\`", "\\@", "C:\\.d", "\\\\s\\_x"),
    *("[", "]", "](", "](https://example.org/c1)", "[w2](https://example.org/d3)", '[y](<http://example.org> "t4")'),
    *("[](https://example.org/)", "[z]()", "![i](https://example.org/i.png)", "https://example.org/p5_q*r"),
    *("www.example.org/s", "bob@example.org", "ftp://example.org/f", "<https://example.org/u>", "@", "@carol"),
    *("\n| ", " | ", "\n|---|:-:|\n", "|:-|\n| c", "\\|", "\n- [x] ", "- [ ] ", "[x] ", ":tada:", ":x:", ":", "::"),
    *("<", "&", "<b>", "</b>", "&amp;", "&#65;", "&copy;", "[r]: /v\n", "\n0. "),
]
TOO_DEEP = [
    f"before\n\n{mark * 40}x\n\nafter" for mark in ("> ", "- ", "* ", "1. ", "- > ", "[", "**", "~~a", "> - 1. ")
]
ROWS = [
    f"before\n\n{row}\n\nafter"
    for row in ("- " * 12, "> " * 30, ">" * 30, "* * *", "+ " * 9, "***", "=====", "_ _ _", "~" * 9)
]


def bounded(runs: int) -> settings:
    """Try so many texts, the same each time."""
    return settings(derandomize=True, max_examples=runs, deadline=None, database=None)


@pytest.mark.parametrize("written", TOO_DEEP + ROWS)
def test_nothing_is_lost_behind_what_is_nested_too_deep(written: str) -> None:
    assert shown(text.render(written)) == letters(written)


@bounded(500)
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
@example("[x](https://example.org/?a&copy;b 'Q&amp;A')")
def test_every_letter_and_digit_that_was_typed_is_shown_in_order(written: str) -> None:
    assert shown(text.render(written)) == letters(written)


@bounded(300)
@given(st.text(max_size=300))
def test_any_text_renders_to_allowed_elements_only(written: str) -> None:
    soup = BeautifulSoup(text.render(written), "html.parser")
    assert {tag.name for tag in soup.find_all(True)} <= text.ALLOWED_TAGS


@pytest.mark.parametrize(
    "written",
    [
        "- - - - - -",
        "* * *",
        "***",
        "---",
        "===",
        "Title\n=====",
        "Title\n---",
        "# heading",
        "10. 9. 8.",
        "- 1. - 2.",
        "1999. Was a year.\n2003. Another.",
        "007. Bond",
        "\\\\fileserver\\projects\\_archive",
        "C:\\.ssh\\config",
        "¯\\_(ツ)_/¯",
        "\\d+\\.\\d+ \\[a-z\\] ^.*foo.*$",
        "put it in __init__.py and _this_ into __that__",
        "2*3*4 = 24, 2**3, a*b*c",
        "src/**/*.py, **/*.py, *.py *.txt, /*comment*/ //**x**",
        "def f(*args, **kwargs): return g(*args, **kwargs)",
        "char *p, *q; **p = 5;",
        "&amp; &lt;b&gt; &copy; &#65;",
        "<b>bold</b> <br> <!-- x -->",
        "| a | b |\n|---|---|",
        "[ref]: https",
        "~~~\nno fence\n~~~",
        "~one tilde~ and /home/~bob/",
        "ends with \\",
        "a_b_c snake_case_name",
        "[x]()",
        "example.com/_foo_/bar",
        "README.md setup.py main.rs run.sh lib.so done.It ok.So",
        "ftp://example.org/file tel:123 //host.example/a",
        "git@github.com:bellwire/bellwire.git",
    ],
)
def test_what_is_no_mark_stays_as_it_was_typed(written: str) -> None:
    page = BeautifulSoup(text.render(written), "html.parser")
    assert page.text.strip() == written
    assert {tag.name for tag in page.find_all(True)} <= {"p", "br"}


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ('(**bold**), "*soft*": ~~gone~~!', '(<strong>bold</strong>), "<em>soft</em>": <s>gone</s>!'),
        ("***both***", "<em><strong>both</strong></em>"),
        ("~~**x**~~", "<s><strong>x</strong></s>"),
        ("这是**粗体**文字", "这是<strong>粗体</strong>文字"),
        ("**굵게**는", "<strong>굵게</strong>는"),
        ("👍*so*👍", "👍<em>so</em>👍"),
        (r"\*no\* \`no\` \~~no\~~ \[x](https)", "*no* `no` ~~no~~ [x](https)"),
        ("\\- x\n\\> y\n1\\. z", "<p>- x<br>\n&gt; y<br>\n1. z</p>"),
        ("\\@carol", "<p>@carol</p>"),
    ],
)
def test_marks_stand_around_words_and_a_backslash_before_them(written: str, html: str) -> None:
    assert html in text.render(written)


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("24. Dezember Heiligabend\n31. Dezember Silvester", ["24", "31"]),
        ("2. yes\n5. no", ["2", "5"]),
        ("3) c\n2) b\n1) a", ["3", "2", "1"]),
        ("1. a\n1. b", ["1", "1"]),
        ("0. a\n1. b", ["0", "1"]),
        ("7. a\n\n   more of it\n\n9. b", ["7", "9"]),
        ("> 4. a\n> 6. b", ["4", "6"]),
    ],
)
def test_the_items_of_a_list_keep_their_numbers(written: str, numbers: list[str]) -> None:
    items = BeautifulSoup(text.render(written), "html.parser").find_all("li")
    assert [item["value"] for item in items] == numbers


@pytest.mark.parametrize(
    "written",
    [
        "def f():\n    return 1",
        "    first\n  second\n\tthird",
        "if x:\n    y\n\n    z\n",
        "a    b\tc",
        "services:\n    - web\n    - db",
        "> if x:\n>     y",
    ],
)
def test_blanks_that_were_typed_are_kept(written: str) -> None:
    page = BeautifulSoup(text.render(text.clean(f"\n \n{written}")), "html.parser")
    typed = written.replace("\n\n", "\n").replace("> ", "").strip("\n")
    assert page.text.replace("\n\n", "\n").strip("\n") == typed
    spans = "".join(span.text for span in page.find_all("span"))
    assert all(blanks in spans for blanks in re.findall(r"(?m)^[ \t]+|[ \t]{2,}|\t", typed))


def test_a_quote_ends_with_its_marks_and_a_list_with_its_indentation() -> None:
    page = BeautifulSoup(text.render("> said\nanswer\n- item\n  more\nend"), "html.parser")
    assert page.blockquote is not None
    assert page.blockquote.text.strip() == "said"
    assert page.li is not None
    assert page.li.text == "item\nmore"
    assert [each.text for each in page.find_all("p", recursive=False)] == ["answer", "end"]


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("```python\nx\n```", "<pre><em>python\n</em><code>x\n</code></pre>"),
        ("```npm install\nnpm test\n```", "<pre><code>npm install\nnpm test\n</code></pre>"),
        ("```never closed\n", "<pre><code>never closed\n</code></pre>"),
    ],
)
def test_what_stands_behind_the_marks_of_a_block_of_code_is_shown(written: str, html: str) -> None:
    assert html in text.render(written)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("see https://example.org/guide，详见", "https://example.org/guide"),
        ("看https://example.org/a。好", "https://example.org/a"),
        ("（https://example.org/a）", "https://example.org/a"),
        ("「https://example.org/a」", "https://example.org/a"),
        ("https://example.org/a…", "https://example.org/a"),
        ("“https://example.org/a”", "https://example.org/a"),
        ("https://example.org/a%20b", "https://example.org/a%20b"),
        ("<https://example.org/a%20b>", "https://example.org/a%20b"),
        ("**https://example.org/a**", "https://example.org/a"),
        ("~~https://example.org/a~~", "https://example.org/a"),
        ("(https://example.org/a_(b)).", "https://example.org/a_(b)"),
        ("https://example.org/*a*/_b_/~~c~~/d", "https://example.org/*a*/_b_/~~c~~/d"),
        ("HTTPS://example.org/A", "HTTPS://example.org/A"),
        ("https://example.org/Zürich/字", "https://example.org/Zürich/字"),
        ("www.example.org/*a*/b!", "www.example.org/*a*/b"),
        ("write to bob.b+x_y@mail.example.org, please", "bob.b+x_y@mail.example.org"),
        ("**bob@example.org**", "bob@example.org"),
        ("邮箱bob@example.org好", "bob@example.org"),
    ],
)
def test_an_address_is_a_link_up_to_its_end_and_shown_as_it_was_typed(written: str, address: str) -> None:
    links = BeautifulSoup(text.render(written), "html.parser").find_all("a")
    assert [link.text for link in links] == [address]


def test_links_tell_nothing_and_open_beside_the_page() -> None:
    link = BeautifulSoup(text.render("https://example.org"), "html.parser").a
    assert link is not None
    assert link["target"] == "_blank"
    assert set(link["rel"]) == {"noopener", "noreferrer", "nofollow", "ugc"}


NOTHING = [
    "\u200b",
    "\u2800\u3164",
    "\ufeff\u2060\n\u00ad",
    "\u202e",
    "\U0001d159",
    "\ufe0f\u034f",
    ">",
    ">\u200b\n",
    "[](x)",
]
NOTHING += [
    "[](https://example.org)",
    "[\u200b](x) [ ](y)",
    "**\u200b**",
    "*\u3164*",
    "`\u200b`",
    "```\n```",
    "```\n\u2800\n```",
]


@pytest.mark.parametrize(
    "written", ["-", "***", "> > >", "?", "👍", "❤️", "\u0661", "- - -", "~~~~", "\\", "<>", "``", "[]()x"]
)
def test_whatever_can_be_seen_may_be_said(written: str) -> None:
    assert text.clean(written) == written
    assert BeautifulSoup(text.render(written), "html.parser").text.strip() == written


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("", "Write something"),
        ("  \n ", "Write something"),
        *((written, "Write something") for written in NOTHING),
        ("x" * 10_001, "10,001 characters"),
        ("a\0b", "cannot be stored"),
        ("half \ud83d", "cannot be stored"),
        ("\ud83d", "cannot be stored"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_a_reason(written: str, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        text.clean(written)
