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

from notifications.api.models import NOTED_EVERY, Scope, Token
from notifications.live import people, streams
from notifications.relay.close_codes import CloseCode
from notifications.relay.programs import Program
from notifications.relay.sockets import Socket


class Rights(NamedTuple):
    """Whose socket it is, and which of its streams it may follow, each with the groups that this gives."""

    user_pk: int
    streams: dict[str, set[str]]

    @property
    def groups(self) -> set[str]:
        return set().union(*self.streams.values())


Verdict = Rights | CloseCode
"""What a socket may do, or why it must be closed."""


def judge(sockets: Collection[Socket], refusal: CloseCode) -> dict[Socket, Verdict]:
    """Judge the sockets, with a query or two for each kind of stream; `refusal` is for those who may follow nothing."""
    tokens = {socket: socket.token for socket in sockets if isinstance(socket, Program) and socket.token}
    by_token = _listening(set(tokens.values()))
    user_pks = signed_in({socket.session_key for socket in sockets})
    known = {socket: user_pks[socket.session_key] for socket in sockets if socket.session_key in user_pks}
    known |= {socket: pk for socket, token in tokens.items() if (pk := by_token.get(token))}
    groups = _groups({(user_pk, name) for socket, user_pk in known.items() for name in socket.streams})
    verdicts: dict[Socket, Verdict] = dict.fromkeys(sockets, CloseCode.SIGNED_OUT)
    verdicts |= {socket: CloseCode.NO_LONGER_ALLOWED for socket, token in tokens.items() if token in by_token}
    for socket, user_pk in known.items():
        open_to = {name: groups[user_pk, name] for name in socket.streams if (user_pk, name) in groups}
        verdicts[socket] = Rights(user_pk, open_to) if open_to else refusal
    return verdicts


def _groups(followed: Collection[tuple[int, str]]) -> dict[tuple[int, str], set[str]]:
    """Return the groups that each person may be in for each stream; a pair left out has no access."""
    by_kind: dict[str, set[tuple[int, int]]] = {}
    for user_pk, name in followed:
        if found := streams.split(name):
            by_kind.setdefault(found[0], set()).add((user_pk, found[1]))
    return {
        (user_pk, f"{kind}.{pk}"): groups
        for kind, pairs in by_kind.items()
        for (user_pk, pk), groups in streams.get(kind).groups(pairs).items()
    }


def _listening(digests: Collection[str]) -> dict[str, int | None]:
    """Return whose each of these tokens is, by their digests; None for one that is not good for reading."""
    if not digests:
        return {}
    tokens = list(Token.objects.usable().filter(digest__in=digests))
    now = timezone.now()
    stale = [each.pk for each in tokens if each.last_used_at is None or each.last_used_at < now - NOTED_EVERY]
    if stale:
        Token.objects.filter(pk__in=stale).update(last_used_at=now)
    return {each.digest: each.user_id if each.has(Scope.READ) else None for each in tokens}


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
        user.pk: user.get_session_auth_hash() for user in people.who_may_follow().filter(pk__in=set(pks.values()))
    }
    return {
        key: pk
        for key, pk in pks.items()
        if pk in hashes
        and claims[key].get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        # The hash is of the password: who changes it ends all other sessions.
        and constant_time_compare(claims[key].get(HASH_SESSION_KEY, ""), hashes[pk])
    }
