"""The messenger: chats, messages, and what is pushed about them."""

from importlib import import_module

from django.apps import AppConfig

OF_MESSAGES = (
    "replies",
    "threads",
    "forwards",
    "hooks",
    "links",
    "pins",
    "saved",
    "later",
    "unread",
    "receipts",
    "reactions",
    "attachments",
    "writing",
    "governing",
    "presence",
    "commands",
    "people",
)
"""The rooms of what belongs to messages, in the order in which a message's menu has their entries."""


class MessagingConfig(AppConfig):
    """Makes chats known to the push service, and connects the receivers."""

    name = "messaging"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from messaging import receivers
        from messaging.accounts import second_factor
        from messaging.chats.audiences import RoomAudience
        from messaging.chats.streams import MembersStream, Sidebar
        from messaging.messages import recipients
        from messaging.messages.stream import ChatStream
        from messaging.search import index
        from messaging.webhooks.subject import ChatSubject
        from notifications.push import add_follower, audiences, hold_back, kinds, streams, webhooks

        receivers.connect()
        post_migrate.connect(index.keep_trigger, sender=self)
        hold_back(second_factor.lacking)
        streams.register("chat", ChatStream())
        streams.register("members", MembersStream())
        add_follower(Sidebar())
        audiences.register("chat", RoomAudience())
        webhooks.register("chat", ChatSubject())
        kinds.register(recipients.MENTION, "Mention", "messaging/icons/kind-mention.svg")
        kinds.register(recipients.DIRECT, "Direct message", "messaging/icons/kind-direct.svg")
        kinds.register(recipients.MESSAGE, "Message", "messaging/icons/kind-message.svg")
        for room in OF_MESSAGES:
            import_module(f"messaging.{room}.registering").register()
