"""Push to a group without rest. Run with the site's environment.

`python -m tests.faults.broadcaster GROUP KILOBYTES TIMES`: a fragment of that size, ten times a second.
"""

import sys
import time

import django

RATE = 10


def main(group: str, kilobytes: int, times: int) -> None:
    """Push so many times."""
    django.setup()
    from notifications.live.door import push_html

    html = f'<p id="broadcast">{"x" * kilobytes * 1000}</p>'
    began_at = time.monotonic()
    for number in range(times):
        time.sleep(max(0.0, began_at + number / RATE - time.monotonic()))
        push_html(group, "broadcast", html)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
