"""A database and a Redis of the benchmark's own, with as many people as it takes for its sockets."""

import math
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

SOCKETS_PER_PERSON = 20
MARK = "data-sent='"


class People:
    """A chat with members who are signed in; use it as a context manager, before anything else of Django."""

    def __init__(self, sockets: int) -> None:
        self.count = math.ceil(sockets / SOCKETS_PER_PERSON)
        self.directory = Path(tempfile.mkdtemp(prefix="bellwire-bench-"))

    def __enter__(self) -> Self:
        os.environ["STATE_DIR"] = str(self.directory)
        os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
        from project import embedded_redis, paths

        embedded_redis.prepare()
        self.redis = subprocess.Popen(embedded_redis.command())
        while not embedded_redis.answers():
            time.sleep(0.05)
        self.redis_socket = str(paths.redis_socket())
        self.redis_url = f"unix://{self.redis_socket}"
        self._fill()
        return self

    def __exit__(self, *_: object) -> None:
        from project import embedded_redis

        self.redis.terminate()
        self.redis.wait()
        embedded_redis.tidy()

    def session(self, number: int) -> str:
        """Return the session key for one of the sockets."""
        return self.sessions[number // SOCKETS_PER_PERSON]

    def fragment(self) -> tuple[str, str]:
        """Return the pushed HTML of a real message in two halves, between which a time stamp goes."""
        from messaging.broadcasts import message_html

        head, tail = message_html(self.message, is_new=True).split("<article", 1)
        return f"{head}<article {MARK}", f"'{tail}"

    def _fill(self) -> None:
        import django

        django.setup()
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.contrib.auth.models import User
        from django.contrib.sessions.backends.db import SessionStore
        from django.core.management import call_command

        from messaging.models import Chat, Membership

        call_command("migrate", verbosity=0)
        User.objects.bulk_create(User(username=f"member{number}") for number in range(self.count))
        users = list(User.objects.order_by("pk"))
        chat = Chat.objects.start(users[0], "Benchmark", Chat.Kind.PRIVATE)
        Membership.objects.bulk_create(Membership(chat=chat, user=user) for user in users[1:])
        self.message = chat.post(users[0], "The new front page is on staging, have a **look** when you find a minute.")
        self.chat_pk, self.seq = chat.pk, self.message.changed_seq
        self.sessions = []
        for user in users:
            session = SessionStore()
            session[SESSION_KEY] = str(user.pk)
            session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
            session[HASH_SESSION_KEY] = user.get_session_auth_hash()
            session.create()
            self.sessions.append(session.session_key)
