"""What sockets may follow: asked when one opens, when something that matters has changed, and now and then.

Many sockets are judged with a few queries. So the session and its person are read here in bulk, by the rules of
`django.contrib.auth.get_user`; a middleware would ask for each socket by itself.
"""

from collections.abc import Collection
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from notifications.live import people, streams
from notifications.relay.close_codes import CloseCode
from notifications.relay.sockets import Socket


class Rights(NamedTuple):
    """Whose socket it is, which stream it follows, and the groups that it may be in."""

    user_pk: int
    stream: str
    groups: set[str]


Verdict = Rights | CloseCode
"""What a socket may do, or why it must be closed."""


def judge(sockets: Collection[Socket], refusal: CloseCode) -> dict[Socket, Verdict]:
    """Judge the sockets, with a query or two for each kind of stream; `refusal` is for those who are signed in."""
    signed_in_by = signed_in({socket.session_key for socket in sockets})
    verdicts: dict[Socket, Verdict] = dict.fromkeys(sockets, CloseCode.SIGNED_OUT)
    by_kind: dict[str, dict[Socket, tuple[int, int]]] = {}
    for socket in sockets:
        if user_pk := signed_in_by.get(socket.session_key):
            verdicts[socket] = refusal
            if found := streams.split(socket.stream):
                by_kind.setdefault(found[0], {})[socket] = (user_pk, found[1])
    for kind, pairs in by_kind.items():
        groups = streams.get(kind).groups(set(pairs.values()))
        for socket, pair in pairs.items():
            if pair in groups:
                verdicts[socket] = Rights(pair[0], f"{kind}.{pair[1]}", groups[pair])
    return verdicts


def signed_in(session_keys: Collection[str]) -> dict[str, int]:
    """Return the primary key of whoever is signed in by each of these sessions."""
    # Django's keys are nothing else; a NUL, as a cookie may say it, would break the question for all of them.
    keys = [key for key in session_keys if key.isascii() and key.isalnum()]
    store = people.session_store()()
    sessions = store.model.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    claims = {session.session_key: store.decode(session.session_data) for session in sessions}
    to_pk = get_user_model()._meta.pk.to_python
    pks = {key: to_pk(claim[SESSION_KEY]) for key, claim in claims.items() if SESSION_KEY in claim}
    hashes = {
        user.pk: user.get_session_auth_hash()
        for user in get_user_model().objects.filter(pk__in=set(pks.values()), is_active=True)
    }
    return {
        key: pk
        for key, pk in pks.items()
        if pk in hashes
        and claims[key].get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        # The hash is of the password: who changes it ends all other sessions.
        and constant_time_compare(claims[key].get(HASH_SESSION_KEY, ""), hashes[pk])
    }
