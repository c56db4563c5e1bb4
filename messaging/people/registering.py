"""Makes profiles known to the menu of messages, and blocks to what tells of messages."""

from messaging.messages import actions, recipients
from messaging.people.blocking import who_blocks_its_author
from messaging.people.menu import action


def register() -> None:
    actions.register(action)
    recipients.leave_out(who_blocks_its_author)
