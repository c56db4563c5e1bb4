"""What an operator does past the web server: `python -m tests.faults.administer deactivate USER…` or `delete CHAT…`.

Run with the site's environment; prints the moment at which it was done.
"""

import sys
import time

import django


def main(act: str, pks: list[int]) -> None:
    """Do it to all of these at once, and say when."""
    django.setup()
    from django.contrib.auth.models import User
    from django.db import transaction

    from messaging.models import Chat

    with transaction.atomic():
        if act == "deactivate":
            for user in User.objects.filter(pk__in=pks):
                user.is_active = False
                user.save(update_fields=["is_active"])
        else:
            Chat.objects.filter(pk__in=pks).delete()
    print(time.monotonic())


if __name__ == "__main__":
    main(sys.argv[1], [int(pk) for pk in sys.argv[2:]])
