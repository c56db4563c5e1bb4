"""Who is told of a message wherever they are: the others of a direct chat, and those it mentions."""

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from messaging import text
from messaging.models import Chat, Membership, Message
from messaging.people import display_name
from notifications.models import Notification
from notifications.push import notify


def notify_about(message: Message) -> None:
    """Notify everyone a message is meant for, once however often this is called."""
    kind = Notification.Kind.DIRECT if message.chat.is_direct else Notification.Kind.MENTION
    where = "" if message.chat.is_direct else f" in {message.chat}"
    for user in recipients(message):
        notify(
            user,
            f"{display_name(message.author)}{where}: {message.body}",
            message.chat.get_absolute_url(),
            kind=kind,
            subject=message.chat.stream,
            key=f"message.{message.pk}",
        )
    Message.objects.filter(pk=message.pk).update(notified_at=timezone.now())


def recipients(message: Message) -> QuerySet[User]:
    """Return whom the message is meant for and who has not read it yet; nobody for one that was deleted meanwhile."""
    readers = Membership.objects.filter(chat=message.chat, read_number__gte=message.number)
    others = User.objects.filter(is_active=True).exclude(pk=message.author_id).exclude(chat_memberships__in=readers)
    if message.deleted_at:
        return others.none()
    if message.chat.is_direct:
        return others.filter(chat_memberships__chat=message.chat)
    mentioned = others.annotate(lower_name=Lower("username")).filter(lower_name__in=text.mentioned(message.body))
    if message.chat.kind == Chat.Kind.OPEN:
        return mentioned
    else:
        return mentioned.filter(chat_memberships__chat=message.chat)
