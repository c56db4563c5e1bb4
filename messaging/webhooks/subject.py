"""A room as a subject of webhooks, which its owners manage."""

from django.contrib.auth.models import User
from django.urls import reverse

from messaging.chats.models.chat import Chat
from messaging.webhooks.replying import reply
from notifications.push import WebhookDelivery, webhooks

CREATED, EDITED, DELETED = "message.created", "message.edited", "message.deleted"
REACTED = "message.reacted"


class ChatSubject(webhooks.Subject):
    """`chat.<pk>`: a room, with its threads."""

    events = {
        CREATED: "A message is posted",
        EDITED: "A message is edited",
        DELETED: "A message is deleted",
        REACTED: "Somebody reacts, or takes that back",
    }

    def may_manage(self, user: User, pk: int) -> bool:
        return Chat.objects.rooms().with_member(user, is_owner=True).filter(pk=pk).exists()

    def title(self, user: User, pk: int) -> str:
        return Chat.objects.get(pk=pk).title_for(user)

    def address(self, pk: int) -> str:
        return reverse("chat-members", args=[pk])

    def note(self, pk: int) -> None:
        chat = Chat.objects.get(pk=pk)
        # Behind the lock: of two who make and delete one at once, the second sees what the first has left.
        chat.lock()
        Chat.objects.filter(pk=pk).update(is_hooked=webhooks.has_any(chat.stream))

    def answered(self, pk: int, delivery: WebhookDelivery, answer: str) -> None:
        """Say in the chat what was answered to what somebody has said there."""
        if delivery.event == CREATED:
            reply(pk, delivery, answer)
