"""Mail is sent by a worker: a mail server that is slow, silent or dead must keep nobody waiting."""

import logging
from collections.abc import Sequence
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

from notifications.push import enqueue, text

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 2
"""Threads of one worker that send mail: with a silent server they are all that wait, and the others go on notifying."""

_places = BoundedSemaphore(MOST_AT_ONCE)


class Occupied(OSError):
    """So many mails are being sent already that this one has to wait."""


class QueuedBackend(BaseEmailBackend):
    """Django's way to send mail, for any code of the site: it queues, and a worker sends by `MAIL_BACKEND`.

    What says how a mail was formed is passed on; files in it are not, and are refused.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Queue them, and return how many."""
        for message in email_messages:
            if message.attachments:
                raise ValueError("Mail with files cannot be queued.")
            enqueue("messaging.tasks.send_mail", _packed(message))
        return len(email_messages)


def send(packed: dict[str, Any]) -> None:
    """Send what was queued, now; an OSError (of which `smtplib`'s are) says why it cannot be."""
    if not _places.acquire(blocking=False):
        raise Occupied(f"{MOST_AT_ONCE} mails are on their way already.")
    try:
        _message(**packed).send()
    except OSError as error:
        logger.warning("No mail server takes mail: %s", text.one_line(str(error), 200) or type(error).__name__)
        raise
    finally:
        _places.release()


def _message(alternatives: list[tuple[str, str]], **fields: Any) -> EmailMultiAlternatives:
    connection = get_connection(settings.MAIL_BACKEND, timeout=settings.EMAIL_TIMEOUT)
    message = EmailMultiAlternatives(**fields, connection=connection)
    for content, kind in alternatives:
        message.attach_alternative(content, kind)
    return message


def _packed(message: EmailMessage) -> dict[str, Any]:
    alternatives = [list(each) for each in getattr(message, "alternatives", [])]
    return {
        **{name: getattr(message, name) for name in ("body", "from_email", "to", "cc", "bcc", "reply_to")},
        "subject": str(message.subject),  # It may be a lazy translation.
        "headers": message.extra_headers,
        "alternatives": alternatives,
    }
