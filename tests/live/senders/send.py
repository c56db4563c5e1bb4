"""Has each of some programs post to a hook, and says what each makes of the answer: run by their own Python.

    python send.py http://127.0.0.1:8000 ID TOKEN

prints one JSON object: by the name of the program, whether it calls its post delivered, or what it raised.
"""

import json
import logging
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

SITE, PK, TOKEN = sys.argv[1:]
ONE, TWO = f"{SITE}/hooks/{TOKEN}", f"{SITE}/hooks/{PK}/{TOKEN}"
HOST = urlsplit(SITE).netloc


def module(name: str) -> Any:
    return import_module(name)


def apprise(url: str) -> Any:
    notifier = module("apprise").Apprise()
    assert notifier.add(url), url
    return bool(notifier.notify(title="From apprise", body=f"by *{url.partition(':')[0]}* to <you> & @alice"))


def slack_sdk() -> Any:
    client = module("slack_sdk.webhook").WebhookClient(ONE)
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "by *slack_sdk* in blocks"}}]
    answer = client.send(text="by slack_sdk", blocks=blocks)
    return (answer.status_code, answer.body) == (200, "ok")


def rockethook() -> Any:
    message = module("rockethook").Message(text="by rockethook", icon_url="http://example.com/icon.png")
    message.add_attachment(title="Attached", title_link="http://example.com", image_url="http://example.com/i.png")
    module("rockethook").Webhook(SITE, f"{PK}/{TOKEN}").post(message)
    return True


def matterhook() -> Any:
    hook = module("matterhook").Webhook(SITE, TOKEN)
    hook.send(attachments=[{"text": "by matterhook in an **attachment**", "color": "#00ff00"}])
    return True


def mattersend() -> Any:
    module("mattersend").send("town-square", "by mattersend", url=ONE, username="Sender")
    return True


def notifiers() -> Any:
    answer = module("notifiers").get_notifier("slack").notify(webhook_url=ONE, message="by notifiers")
    return answer.ok


def mattermost_log_handler() -> Any:
    logger = logging.getLogger("sender")
    logger.propagate = False
    logger.addHandler(module("mattermost_log_handler").MattermostLogHandler(ONE))
    try:
        raise KeyError("by *a log handler*")
    except KeyError:
        logger.exception("by mattermost_log_handler")
    return True


def slackweb() -> Any:
    return module("slackweb").Slack(url=ONE).notify(text="by slackweb", channel="#ops") == "ok"


def superrocket() -> Any:
    module("superrocket.api").Api("#general", ONE, attachment="by superrocket").send("by superrocket")
    return True


SENDERS: dict[str, Callable[[], Any]] = {
    "apprise mmost": lambda: apprise(f"mmost://{HOST}/{TOKEN}"),
    "apprise rocket": lambda: apprise(f"rocket://{PK}/{TOKEN}@{HOST}"),
    "apprise json": lambda: apprise(f"json://{HOST}/hooks/{TOKEN}/"),
    "apprise form": lambda: apprise(f"form://{HOST}/hooks/{TOKEN}"),
    "slack_sdk": slack_sdk,
    "rockethook": rockethook,
    "matterhook": matterhook,
    "mattersend": mattersend,
    "notifiers": notifiers,
    "mattermost_log_handler": mattermost_log_handler,
    "slackweb": slackweb,
    "superrocket": superrocket,
}


def tried(send: Callable[[], Any]) -> Any:
    try:
        return send()
    except Exception as error:  # each has its own
        return f"{type(error).__name__}: {error}"


print(json.dumps({name: tried(send) for name, send in SENDERS.items()}))
