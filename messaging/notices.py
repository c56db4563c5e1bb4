"""Who is told of a message wherever they are: the others of a direct chat, and those it mentions."""

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from messaging import text
from messaging.models import Chat, Membership, Message
from messaging.people import display_name
from notifications.models import Notification
from notifications.push import notify, rewrite


def notify_about(message: Message) -> None:
    """Notify everyone a message is meant for, once however often this is called."""
    kind = Notification.Kind.DIRECT if message.chat.is_direct else Notification.Kind.MENTION
    for user in recipients(message):
        notify(
            user,
            line(message),
            message.chat.get_absolute_url(),
            kind=kind,
            subject=message.chat.stream,
            key=key(message),
        )
    Message.objects.filter(pk=message.pk).update(notified_at=timezone.now())


def rewrite_notifications(message: Message) -> None:
    """Let the notifications of a message say what it says now: what was deleted must not live on in a bell."""
    rewrite(key(message), line(message))


def line(message: Message) -> str:
    """Return what a notification says of a message."""
    where = "" if message.chat.is_direct else f" in {message.chat}"
    what = "a message that was deleted" if message.deleted_at else message.body
    return f"{display_name(message.author)}{where}: {what}"


def key(message: Message) -> str:
    """Return the key under which everybody has at most one notification of a message."""
    return f"message.{message.pk}"


def recipients(message: Message) -> QuerySet[User]:
    """Return whom the message is meant for and who has not read it yet; nobody for one that was deleted meanwhile."""
    readers = Membership.objects.filter(chat=message.chat, read_number__gte=message.number)
    others = User.objects.filter(is_active=True).exclude(pk=message.author_id).exclude(chat_memberships__in=readers)
    if message.deleted_at:
        return others.none()
    if message.chat.is_direct:
        return others.filter(chat_memberships__chat=message.chat)
    names = text.mentioned(message.body)
    # As it is written, too: SQLite's LOWER knows only ASCII.
    by_name = Q(username__in=names) | Q(lower_name__in={name.lower() for name in names})
    mentioned = others.annotate(lower_name=Lower("username")).filter(by_name)
    if message.chat.kind == Chat.Kind.OPEN:
        return mentioned
    else:
        return mentioned.filter(chat_memberships__chat=message.chat)
