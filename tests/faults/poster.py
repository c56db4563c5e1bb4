"""Posts messages in processes that die after the commit and before the push. Run with the site's environment.

`python -m tests.faults.poster CHAT`: reads a JSON object for each message on its standard input (`person`, `body`,
`client_id`), and prints for each the moment at which its process was dead.
"""

import json
import os
import signal
import sys
import time
from typing import Any

import django


def main(chat_pk: int) -> None:
    """Post each message in a process of its own, which must die at the gate and nowhere else."""
    django.setup()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                post_and_die(chat_pk, json.loads(line))
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), f"the process did not reach the gate: {status}"
        assert os.WTERMSIG(status) == signal.SIGKILL, status
        print(time.monotonic(), flush=True)


def post_and_die(chat_pk: int, message: dict[str, Any]) -> None:
    """Post a message, and be killed where its push would leave."""
    from django.contrib.auth.models import User

    from messaging.models import Chat
    from notifications.live import door
    from tests.faults.handicaps import replace

    replace(door, "_send", lambda event: os.kill(os.getpid(), signal.SIGKILL))
    author = User.objects.get(username=message["person"])
    Chat.objects.get(pk=chat_pk).post(author, message["body"], message["client_id"])


if __name__ == "__main__":
    main(int(sys.argv[1]))
