"""The messenger: chats, messages, and what is pushed about them."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """Registers chats as streams and connects the signals."""

    name = "messaging"

    def ready(self) -> None:
        """Connect what other modules only import at run time."""
        from messaging import receivers as signals
        from messaging.chats.audiences import RoomAudience
        from messaging.messages import stream as streams
        from notifications.announcements import audiences
        from notifications.inbox import stream as inbox
        from notifications.live.streams import register

        signals.connect()
        register("chat", streams.ChatStream())
        register("members", streams.MembersStream())
        inbox.followers.append(streams.Sidebar())
        audiences.register("chat", RoomAudience())
