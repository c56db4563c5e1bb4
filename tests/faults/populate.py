"""Make a site's database, with people who are signed in and rooms. Run with the site's environment.

`python -m tests.faults.populate MEMBERS ROOMS`: alice, bob, carol and the members get a session each; the rooms are
private, with everybody in them but carol. Who and which they are is written to `people.json` in the state directory.
"""

import json
import sys

import django


def main(member_count: int, room_count: int) -> None:
    """Make the tables, the static files, the people and the rooms, and write down who and which they are."""
    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from messaging.models import Chat, Membership
    from project import paths

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)

    names = ["alice", "bob", "carol", *(f"member{number}" for number in range(member_count))]
    User.objects.bulk_create(User(username=name) for name in names)
    users = {user.username: user for user in User.objects.filter(username__in=names)}
    rooms = []
    for number in range(room_count):
        chat = Chat.objects.start(users["alice"], f"Room {number}", Chat.Kind.PRIVATE)
        others = (user for name, user in users.items() if name not in {"alice", "carol"})
        Membership.objects.bulk_create(Membership(chat=chat, user=user) for user in others)
        rooms.append(chat.pk)
    people = [{"name": name, "pk": users[name].pk, "session": session_of(users[name])} for name in names]
    (paths.state_dir() / "people.json").write_text(json.dumps({"people": people, "rooms": rooms}))


def session_of(user: object) -> str:
    """Sign somebody in without the password, whose hash is slow on purpose, and return the session's key."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)  # type: ignore[attr-defined]
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()  # type: ignore[attr-defined]
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
