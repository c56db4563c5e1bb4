"""Who is not to be written to by whom, and what follows from that."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from messaging.accounts.models.block import Block
from messaging.chats.models.chat import Chat
from messaging.messages.models import Message


def block(by: User, user: User) -> None:
    """Have nothing more said by somebody in the conversation of the two, once this returns."""
    key = ",".join(str(pk) for pk in sorted((by.pk, user.pk)))
    with transaction.atomic():
        # What is being posted is waited for, and what is posted next finds the block.
        list(Chat.objects.select_for_update(no_key=True).filter(direct_key=key))
        Block.objects.get_or_create(by=by, blocked=user)


def who_blocks_its_author(message: Message) -> Q | None:
    """Return who is not to be told of a message: it was posted in the moment before its author was blocked."""
    if not message.chat.home.is_of_two:
        return None
    return Q(pk__in=Block.objects.filter(blocked=message.author_id).values("by"))
