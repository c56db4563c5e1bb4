"""What sockets may follow: asked when one opens, when something that matters has changed, and now and then."""

from collections.abc import Collection

from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.utils import timezone

from notifications import streams
from notifications.close_codes import CloseCode
from notifications.sockets import Socket

Verdict = set[str] | CloseCode
"""The groups that a socket may be in, or why it must be closed."""


def of_streams(sockets: Collection[Socket], refusal: CloseCode) -> dict[Socket, Verdict]:
    """Judge the sockets by their streams alone, with a query or two for each kind; `refusal` is for no access."""
    by_kind: dict[str, dict[Socket, tuple[int, int]]] = {}
    for socket in sockets:
        if found := streams.split(socket.stream):
            by_kind.setdefault(found[0], {})[socket] = (socket.user_pk, found[1])
    verdicts: dict[Socket, Verdict] = dict.fromkeys(sockets, refusal)
    for kind, pairs in by_kind.items():
        groups = streams.get(kind).groups(set(pairs.values()))
        verdicts |= {socket: groups.get(pair, refusal) for socket, pair in pairs.items()}
    return verdicts


def of_open(sockets: Collection[Socket]) -> dict[Socket, Verdict]:
    """Judge open sockets: is the session still there, the person active, the password the same, the stream theirs?"""
    users = get_user_model().objects.in_bulk({socket.user_pk for socket in sockets})
    auth_hashes = {pk: user.get_session_auth_hash() for pk, user in users.items() if user.is_active}
    sessions = Session.objects.filter(
        session_key__in={socket.session_key for socket in sockets}, expire_date__gt=timezone.now()
    )
    session_keys = set(sessions.values_list("session_key", flat=True))
    signed_in = [
        socket
        for socket in sockets
        if socket.session_key in session_keys and auth_hashes.get(socket.user_pk) == socket.auth_hash
    ]
    signed_out: dict[Socket, Verdict] = dict.fromkeys(sockets, CloseCode.SIGNED_OUT)
    return signed_out | of_streams(signed_in, CloseCode.NO_LONGER_ALLOWED)
