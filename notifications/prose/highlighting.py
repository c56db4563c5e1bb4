"""Code in its colours: the HTML of a block whose language is known, made once when it is written.

A lexer goes back and forth in what it does not understand; bounds keep that from taking longer than `SECONDS`.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from time import thread_time

from markdown_it.common.utils import escapeHtml
from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, Token  # type: ignore[import-untyped]

_ALIKE = "c css diff elixir go graphql haskell html http ini java javascript json kotlin lua nginx perl powershell"
_ALIKE += " python pycon r ruby rust scala sql swift toml typescript xml yaml"
LANGUAGES = {
    **{name: name for name in _ALIKE.split()},
    **dict.fromkeys(("bash", "sh", "shell", "zsh"), "bash"),
    **dict.fromkeys(("cpp", "c++", "cc"), "cpp"),
    **dict.fromkeys(("csharp", "c#", "cs"), "csharp"),
    **dict.fromkeys(("console", "shell-session"), "console"),
    **dict.fromkeys(("django", "jinja", "jinja2"), "html+django"),
    **dict.fromkeys(("dockerfile", "docker"), "docker"),
    **dict.fromkeys(("js", "jsx"), "javascript"),
    **dict.fromkeys(("ts", "tsx"), "typescript"),
    "hs": "haskell",
    "kt": "kotlin",
    "patch": "diff",
    "php": "html+php",
    "pl": "perl",
    "ps1": "powershell",
    "py": "python",
    "rb": "ruby",
    "rs": "rust",
    "svg": "xml",
    "yml": "yaml",
}
"""What people call a language, and what Pygments does. Each of these is tried with what takes a lexer longest."""
SECONDS = 0.1
"""So much of a processor a block may take; what takes longer stays plain."""
SLOW = re.compile(r"\s{50}|[^\n]{1000}")
"""What a lexer may look at for long before it has found a single word."""
CLASSES = {
    Comment: "hl-c",
    Comment.Preproc: "hl-k",
    Generic.Deleted: "hl-d",
    Generic.Heading: "hl-k",
    Generic.Inserted: "hl-i",
    Generic.Prompt: "hl-c",
    Generic.Subheading: "hl-k",
    Keyword: "hl-k",
    Name.Class: "hl-f",
    Name.Decorator: "hl-f",
    Name.Function: "hl-f",
    Name.Tag: "hl-k",
    Number: "hl-n",
    Operator.Word: "hl-k",
    String: "hl-s",
}
"""What kinds of words are set off, each with those below it."""


def highlighted(code: str, language: str) -> str | None:
    """Return the code as HTML with its words set off; None if it is to stay plain."""
    name = LANGUAGES.get(language.lower())
    if name is None or SLOW.search(code):
        return None
    words = list(_words(name, code))
    # A lexer that adds or drops something shows not what was written.
    if "".join(text for _, text in words) != code:
        return None
    runs = ((kind, "".join(text for _, text in run)) for kind, run in groupby(words, lambda word: word[0]))
    return "".join(_html(runs))


def _words(name: str, code: str) -> Iterator[tuple[str, str]]:
    """Yield the words and their classes, as far as the time reaches."""
    end = thread_time() + SECONDS
    for kind, text in get_lexer_by_name(name, stripnl=False, ensurenl=False).get_tokens(code):
        if thread_time() > end:
            return
        yield _class_of(kind), text


def _class_of(kind: Token) -> str:
    while kind is not None and kind not in CLASSES:
        kind = kind.parent
    return CLASSES.get(kind, "")


def _html(runs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for kind, text in runs:
        yield f'<span class="{kind}">{escapeHtml(text)}</span>' if kind else escapeHtml(text)
