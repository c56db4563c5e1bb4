"""The messenger: chats, messages, and what is pushed about them."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """Makes chats known to the push service, and connects the receivers."""

    name = "messaging"

    def ready(self) -> None:
        from messaging import receivers
        from messaging.chats.audiences import RoomAudience
        from messaging.chats.streams import MembersStream, Sidebar
        from messaging.messages import recipients
        from messaging.messages.stream import ChatStream
        from notifications.push import add_follower, audiences, kinds, streams

        receivers.connect()
        streams.register("chat", ChatStream())
        streams.register("members", MembersStream())
        add_follower(Sidebar())
        audiences.register("chat", RoomAudience())
        kinds.register(recipients.MENTION, "Mention", "messaging/icons/kind-mention.svg")
        kinds.register(recipients.DIRECT, "Direct message", "messaging/icons/kind-direct.svg")
        kinds.register(recipients.MESSAGE, "Message", "messaging/icons/kind-message.svg")
