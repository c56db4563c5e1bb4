"""What has happened, said after commit; `receivers` listens."""

from django.dispatch import Signal

new_message = Signal()
message_changed = Signal()
chat_renamed = Signal()
chat_read = Signal()
invitation_used = Signal()
