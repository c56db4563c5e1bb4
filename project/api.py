"""The HTTP API: every room's operations below one address."""

from messaging.attachments.api import router as attachments
from messaging.chats.api import router as chats
from messaging.commands.api import router as commands
from messaging.messages.api import router as messages
from messaging.reactions.api import router as reactions
from messaging.search.api import router as search
from messaging.threads.api import router as threads
from notifications.announcements.api import router as announcements
from notifications.api.schema import Api
from notifications.api.views import router as tokens
from notifications.inbox.api import router as inbox
from notifications.jobs.api import router as jobs

DESCRIPTION = """Programs post into chats, read them, notify people and show the progress of their work.

Every request has a token in its head: Authorization: Bearer bw_… Errors are application/problem+json.

People make tokens on the page Programs of their profile; manage.py token makes one from a shell."""

api = Api(title="Bellwire", version="1", description=DESCRIPTION, urls_namespace="api")
ROUTERS = (tokens, chats, messages, search, threads, reactions, attachments, commands, inbox, jobs, announcements)
for router in ROUTERS:
    api.add_router("", router)
