"""What has happened, said after commit; `receivers` listens."""

from django.dispatch import Signal

new_message = Signal()
message_about_to_change = Signal()
"""Said behind the chat's lock before an edit or a deletion is written, with the new `fields`."""
message_changing = Signal()
"""Said when that is written, in the same transaction, for what has to be right with the same commit."""
message_changed = Signal()
part_changing = Signal()
"""Said with the `name` of a part when a change of it is written, in the same transaction."""
part_changed = Signal()
chat_renamed = Signal()
room_changed = Signal()
"""Said with the names of the fields that were `changed` of what is decided about a room."""
chat_read = Signal()
entry_changed = Signal()
"""Said of a membership when its chat is to be shown in another way in the list of chats."""
naming_changed = Signal()
"""Said of a message that by an edit, or deleted, names others than before."""
invitation_used = Signal()
