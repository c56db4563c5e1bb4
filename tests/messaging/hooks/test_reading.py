"""Reading what is posted, by the recipe: each dialect as its senders write it, and whatever else may come."""

import json
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from messaging.hooks.reading.payload import Posted, Unreadable
from messaging.hooks.reading.posts import read, split
from notifications.push import text

FORM = "application/x-www-form-urlencoded"


def html(body: Any, content_type: str = "application/json", **more: Any) -> str:
    """Return what pages show of a post."""
    data = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    return "".join(text.render(each) for each in read(Posted(data, content_type, **more)).texts)


def shown(body: Any, content_type: str = "application/json", **more: Any) -> str:
    """Return the words of that, each line by itself."""
    return BeautifulSoup(html(body, content_type, **more), "html.parser").get_text().strip()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("*bold* _it_ ~gone~ `a*b`", "<strong>bold</strong> <em>it</em> <s>gone</s> <code>a*b</code>"),
        ("2*3*4 and snake_case_name __init__", "2*3*4 and snake_case_name __init__"),
        ("<https://e.org/a?b=1&c=2|the page>", 'href="https://e.org/a?b=1&amp;c=2"'),
        ("<https://e.org/a?b=1&c=2|the page>", ">the page</a>"),
        ("*<https://e.org|in bold>*", "<strong><a"),
        ("<mailto:a@example.org|Alice>", 'href="mailto:a@example.org"'),
        ("Disk <full> & rising", "Disk &lt;full&gt; &amp; rising"),
        ("a &lt;b&gt; &amp;amp; c", "a &lt;b&gt; &amp;amp; c"),
        ("<@U123> <#C1|general> <!here> <!subteam^S1|@dev>", "@U123 #general @here @dev"),
        ("<!date^1700000000^{date}|noon>", "noon"),
        ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
        ("```\ncode *x* &lt;y\n```", "code *x* &lt;y"),
        ("> quoted", "<blockquote>"),
        ("https://e.org/_a_*b_*c", 'href="https://e.org/_a_*b_*c"'),
        ("three ``` and no end", "three ``` and no end"),
    ],
)
def test_slacks_marks_are_shown_and_all_else_stays_as_it_was_written(said: str, expected: str) -> None:
    assert expected in html({"text": said})


def test_slacks_text_without_marks_is_shown_as_it_is() -> None:
    assert shown({"text": "*all* <https://e.org|here>", "mrkdwn": False}) == "*all* here"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("**b** and _i_ and __s__", "<strong>b</strong> and <em>i</em> and <strong>s</strong>"),
        ("# Title\n[l](https://e.org/a_b_c)", "<strong>Title</strong>"),
        ("# Title\n[l](https://e.org/a_b_c)", 'href="https://e.org/a_b_c"'),
        ("**x** \\<le\\> 1\\_2", "&lt;le&gt; 1_2"),
        ("[l](<https://e.org>)", 'href="https://e.org"'),
        ("![graph](https://e.org/g.png)", ">graph</a>"),
        ("|a|b|\n|---|---|\n|1|2|", "<td>1</td>"),
        ("```python\n# no **title**\n```", "**title**"),
    ],
)
def test_markdown_is_shown_as_such(said: str, expected: str) -> None:
    assert expected in html({"text": said})


def test_discords_content_and_embeds_are_read() -> None:
    embed = {"title": "Build", "url": "https://e.org/1", "description": "took *long*", "color": 0x00FF00}
    embed["fields"] = [{"name": "branch", "value": "main"}]
    found = html({"content": "**done** <@12>", "embeds": [embed], "username": "Ship", "avatar_url": "https://e.org/a"})
    assert "<strong>done</strong> @12" in found
    assert "<blockquote>" in found
    assert "🟢" in found
    assert "branch: main" in found


def test_a_plain_text_is_shown_as_it_was_typed() -> None:
    said = "*all* _of_ <it> & `this`, [x](y)\n- a\n1. b\n| c"
    for content_type in ("text/plain", FORM, "", "application/octet-stream"):
        assert shown(said, content_type) == said


@pytest.mark.parametrize(
    "body",
    [
        'payload={"text": "a & b"}',
        f"payload={quote(json.dumps({'text': 'a & b'}))}",
        f"x=1&payload={quote(json.dumps({'text': 'a & b'}))}",
        '{"text": "a & b"}',
        '\ufeff  {"text": "a & b"}',
        "text=a+%26+b&attachments=text&attachments=color",
        "a & b",
    ],
)
def test_the_bytes_decide_and_not_the_type(body: str) -> None:
    assert shown(body, FORM) == "a & b"


def test_a_payload_that_is_no_json_is_shown_raw() -> None:
    assert "<pre>" in html('payload={"text": "the "root" disk"}', FORM)
    assert 'the "root" disk' in shown('payload={"text": "the "root" disk"}', FORM)


def test_very_many_ampersands_are_text() -> None:
    assert shown("a=1&" * 2000 + "text=x", FORM).startswith("a=1&a=1&")


def test_attachments_are_groups_in_order_with_what_they_have() -> None:
    first = {
        "pretext": "Look:",
        "author_name": "syslog",
        "title": "[FIRING:1] Disk <full>",
        "title_link": "https://e.org/x",
        "text": "*now*",
        "fields": [{"title": "host"}, {"title": "used", "value": 92}, {"value": "no title"}, "odd", None],
        "image_url": "https://e.org/graph.png",
        "actions": [{"type": "button", "text": "Open", "url": "https://e.org/open"}, {"type": "button", "text": "Ack"}],
        "footer": "f",
        "ts": "1700000000",
        "color": "danger",
        "fallback": "not this",
    }
    found = html({"text": None, "attachments": [first, "odd", {"fallback": "only this", "color": "#00f"}]})
    for expected in (
        "Look:",
        "[FIRING:1] Disk &lt;full&gt;",
        "🔴",
        "<strong>now</strong>",
        "used: 92",
        "Open",
        "graph.png",
    ):
        assert expected in found
    assert "not this" not in found
    assert "Ack" not in found
    assert "1700000000" not in found
    assert found.count("<blockquote>") == 2
    assert "only this" in found


def test_a_traceback_in_an_attachment_is_code() -> None:
    said = 'Traceback (most recent call last):\n  File "<x>", line 1\nKeyError: *'
    assert "<pre>" in html({"text": "failed", "attachments": [{"text": said, "color": "danger"}]})


def test_blocks_stand_in_the_place_of_the_text_that_says_the_same() -> None:
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Deploy *1*"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*done* by <https://e.org|CI>"}},
        {
            "type": "section",
            "fields": [{"type": "mrkdwn", "text": "*Host* a"}, {"type": "plain_text", "text": "b_c_d"}],
        },
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "_late_"}]},
        {"type": "actions", "elements": [{"type": "button", "text": {"text": "Logs"}, "url": "https://e.org/logs"}]},
        {"type": "image", "image_url": "https://e.org/i.png", "alt_text": "a graph"},
        {"type": "what", "is": "this"},
        "odd",
    ]
    found = html({"text": "Deploy once more", "blocks": blocks})
    for expected in ("Deploy *1*", "<strong>done</strong>", "b_c_d", "<em>late</em>", ">Logs</a>", ">a graph</a>"):
        assert expected in found
    assert "once more" not in found


def test_rich_text_is_read() -> None:
    inside = [
        {"type": "text", "text": "bold ", "style": {"bold": True}},
        {"type": "emoji", "name": "tada"},
        {"type": "text", "text": " "},
        {"type": "user", "user_id": "U1"},
        {"type": "text", "text": " "},
        {"type": "link", "url": "https://e.org", "text": "there"},
    ]
    section = {"type": "rich_text_section", "elements": inside}
    rich = {
        "type": "rich_text",
        "elements": [
            section,
            {"type": "rich_text_list", "style": "ordered", "elements": [section, section]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x *y*"}]},
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "said"}]},
        ],
    }
    found = html({"blocks": [rich]})
    for expected in ("<strong>bold</strong>", "🎉", "@U1", ">there</a>", "<ol>", "<pre>", "<blockquote>"):
        assert expected in found


def test_alertmanagers_own_json_is_a_line_for_each_alert() -> None:
    alerts = [
        {
            "status": status,
            "labels": {"alertname": "disk_full_soon", "instance": "db:9100"},
            "annotations": {"summary": "at 90 *%* <now>"},
            "generatorURL": "https://prometheus.example/g?a=1",
        }
        for status in ("firing", "resolved")
    ]
    found = shown({"receiver": "chat", "commonLabels": {}, "alerts": alerts * 40, "version": "4"})
    assert found.startswith("🔴 firing disk_full_soon (db:9100) – at 90 *%* <now>\n🟢 resolved")
    assert found.endswith("and 30 more")


def test_title_and_message_of_push_services_are_read() -> None:
    assert "<strong>Backup_1</strong><br>\nall *well*" in html(
        {"title": "Backup_1", "message": "all *well*", "priority": 5}
    )
    assert shown({"title": "Only this"}) == "Only this"
    file = {"filename": "log.txt", "base64": "eA==", "mimetype": "text/plain"}
    assert "📎 log.txt" in shown(
        {"version": "1.0", "title": "T", "message": "m", "attachments": [file], "type": "info"}
    )


def test_an_empty_body_may_say_it_in_headers() -> None:
    said = {"x-title": "Sicherung", "x-message": "f\u00c3\u00bcr dich"}
    assert shown(b"", "", headers=said) == "Sicherung\nfür dich"


def test_what_happened_in_a_repository_can_be_read() -> None:
    issue = {"number": 3, "title": "It *breaks*", "html_url": "https://e.org/3"}
    opened = {"action": "opened", "issue": issue, "repository": {"full_name": "a/b"}, "sender": {"login": "bob"}}
    assert shown(opened, headers={"x-github-event": "issues"}) == "a/b: issues opened by bob\n#3 It *breaks*"
    commit = {"id": "0123456789", "message": "Mend [it](x)\n\nmore", "url": "https://e.org/c"}
    pushed = {
        "ref": "refs/heads/main",
        "repository": {"full_name": "a/b"},
        "pusher": {"name": "bob"},
        "commits": [commit],
    }
    assert shown(pushed) == "a/b: push main by bob\n\n0123456 Mend [it](x)"
    assert (
        shown({"job": {"name": "x_y_z", "ok": True}, "took": [1, 2]})
        == "job.name: x_y_z\njob.ok: true\ntook.1: 1\ntook.2: 2"
    )


def test_as_whom_it_is_said() -> None:
    post = read(
        Posted(json.dumps({"text": "x", "username": " :rocket: Ship\u200b\n", "icon_emoji": ":tada:"}).encode())
    )
    assert (post.name, post.emoji) == ("🚀 Ship", "🎉")
    odd = {"text": "x", "username": 5, "icon_emoji": ":nothing:", "channel": "", "link_names": 1, "parse": "full"}
    assert read(Posted(json.dumps(odd).encode()))[:2] == ("", "")
    assert len(read(Posted(json.dumps({"text": "x", "alias": "n" * 500}).encode())).name) == 80


@pytest.mark.parametrize("size", [10_006, 40_000, 400_000])
def test_what_is_long_is_split_at_lines_and_never_refused(size: int) -> None:
    texts = read(Posted("\n".join(["x" * 99] * (size // 100 + 1)).encode(), "text/plain")).texts
    assert len(texts) == (2 if size < 20_000 else 4)
    assert all(text.clean(each) for each in texts)
    assert all(line in {"x" * 99, "…"} for each in texts for line in each.split("\n"))
    assert texts[-1].endswith("…") is (size >= 40_000)


def test_code_that_is_split_is_code_in_each_part() -> None:
    for part in split("```\n" + "a = *b*\n" * 4000 + "```"):
        assert text.render(part).startswith("<pre>")


def test_odd_characters_are_replaced() -> None:
    assert shown({"text": "a\ud800b\0c\r\nd"}) == "a\ufffdb\ufffdc\nd"
    assert "\ue000" not in shown({"text": "\ue0005\ue001 `x`"})


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ('{"text": ', "invalid_payload"),
        ("[" * 100_000, "invalid_payload"),
        ('{"a":' + "9" * 5000 + "}", "invalid_payload"),
        ("{}", "no_text"),
        ('{"text": null, "attachments": "words", "blocks": 5}', "no_text"),
        ("", "no_text"),
    ],
)
def test_what_says_nothing_is_refused_with_a_word(body: str, word: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(Posted(body.encode(), "application/json"))
    assert refused.value.word == word


NAMES = [
    *("text", "attachments", "blocks", "content", "embeds", "title", "message", "alerts", "labels", "receiver", "type"),
    *("elements", "fields", "value", "color", "username", "icon_emoji", "repository", "commits", "url", "style"),
    *("image_url", "actions", "accessory", "author"),
]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inside, max_size=5),
    max_leaves=30,
)


@given(values)
def test_nothing_that_json_can_say_is_an_error_of_ours(value: Any) -> None:
    try:
        post = read(Posted(json.dumps(value).encode(), "application/json", headers={"x-github-event": "push"}))
    except Unreadable:
        return
    assert 1 <= len(post.texts) <= 4
    for each in post.texts:
        text.render(text.storable(each))


@given(st.binary(max_size=300), st.sampled_from([FORM, "text/plain", "", "application/json"]), st.text(max_size=20))
def test_no_bytes_are_an_error_of_ours(body: bytes, content_type: str, charset: str) -> None:
    with suppress(Unreadable):
        assert read(Posted(body, content_type, charset)).texts
