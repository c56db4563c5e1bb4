"""The face of the push service: all of it that another app ever imports.

    from notifications.push import append, broadcasts_to, live, notify, progress

docs/developer.md says what each of these does; `notifications.testing` is its twin for tests.
"""

from notifications.announcements import audiences, recurrence, zones
from notifications.announcements.forms import ZonedField
from notifications.api import operations as api
from notifications.api.models import Scope, Token
from notifications.http import SeeOther, SignedInRequest, gone_is_not_found, is_seen, note_deed, whole_number
from notifications.inbox import kinds, snoozing
from notifications.inbox.notify import MOST_PEOPLE, anotify, forget, mark_read, notify, notify_many, rewrite, unread
from notifications.inbox.stream import Follower, add_follower
from notifications.jobs import lifecycle as jobs
from notifications.jobs.progress import Cancelled, Lost, Progress, Taken, progress, progress_of
from notifications.limits import windows as limits
from notifications.live import regions as live
from notifications.live import streams
from notifications.live.broadcasting import broadcasts_to
from notifications.live.door import (
    EVERYBODY,
    apush,
    group_name,
    push,
    push_html,
    push_soon,
    recheck_rights,
    render_push,
    suppress_pushes,
    together,
)
from notifications.live.people import hold_back
from notifications.live.verbs import (
    aappend,
    append,
    aprepend,
    aremove,
    areplace,
    aupdate,
    dom_id,
    prepend,
    remove,
    replace,
    update,
)
from notifications.prose import text
from notifications.queue import enqueue, enqueue_on_commit, for_each
from notifications.webhooks import recording as webhooks
from notifications.webhooks.models import Webhook, WebhookDelivery

__all__ = [
    "EVERYBODY",
    "MOST_PEOPLE",
    "Cancelled",
    "Follower",
    "Lost",
    "Progress",
    "Scope",
    "SeeOther",
    "SignedInRequest",
    "Taken",
    "Token",
    "Webhook",
    "WebhookDelivery",
    "ZonedField",
    "aappend",
    "add_follower",
    "anotify",
    "api",
    "append",
    "aprepend",
    "apush",
    "aremove",
    "areplace",
    "audiences",
    "aupdate",
    "broadcasts_to",
    "dom_id",
    "enqueue",
    "enqueue_on_commit",
    "for_each",
    "forget",
    "gone_is_not_found",
    "group_name",
    "hold_back",
    "is_seen",
    "jobs",
    "kinds",
    "limits",
    "live",
    "mark_read",
    "note_deed",
    "notify",
    "notify_many",
    "prepend",
    "progress",
    "progress_of",
    "push",
    "push_html",
    "push_soon",
    "recheck_rights",
    "recurrence",
    "remove",
    "render_push",
    "replace",
    "rewrite",
    "snoozing",
    "streams",
    "suppress_pushes",
    "text",
    "together",
    "unread",
    "update",
    "webhooks",
    "whole_number",
    "zones",
]
