"""Every page of the messenger."""

from django.urls import include, path, re_path

from messaging.attachments import views as attachments
from messaging.bots import views as bots
from messaging.chats import arranging, directory, leaving, members
from messaging.chats import views as chats
from messaging.commands import views as commands
from messaging.exports import views as exports
from messaging.forwards import views as forwards
from messaging.governing import views as governing
from messaging.hooks import receiving
from messaging.hooks import views as hooks
from messaging.later import views as later
from messaging.links import views as links
from messaging.messages import views as messages
from messaging.people import views as people
from messaging.pins import views as pins
from messaging.presence import views as presence
from messaging.reactions import views as reactions
from messaging.receipts import views as receipts
from messaging.replies import views as replies
from messaging.saved import views as saved
from messaging.search import views as search
from messaging.threads import views as threads
from messaging.unread import views as unread
from messaging.writing import ringing
from messaging.writing import views as writing

urlpatterns = [
    path("", chats.home, name="home"),
    path("accounts/", include("messaging.accounts.urls")),
    path("bots/", bots.bots, name="bots"),
    path("bots/<int:pk>/", bots.bot, name="bot"),
    path("bots/<int:pk>/switch/", bots.switch, name="bot-switch"),
    path("bots/<int:pk>/deletion/", bots.delete, name="bot-deletion"),
    path("bots/<int:pk>/tokens/new/", bots.token, name="bot-token-new"),
    path("bots/<int:pk>/tokens/<int:token_pk>/ending/", bots.revoke, name="bot-token-ending"),
    path("bots/<int:pk>/commands/", commands.commands, name="bot-commands"),
    path("bots/<int:pk>/commands/<int:command_pk>/deletion/", commands.delete, name="bot-command-deletion"),
    path("rooms/", chats.enter, name="room-enter"),
    path("rooms/all/", chats.rooms, name="rooms"),
    path("people/", directory.people, name="people"),
    path("people/names/", directory.names, name="people-names"),
    path("people/status/", people.status, name="status"),
    path("people/blocked/", people.blocked, name="blocked"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/block/", people.block, name="person-block"),
    path("chats/mine/", leaving.own_chats, name="own-chats"),
    path("chats/folding/", arranging.fold, name="chats-folding"),
    path("chats/new/", chats.create, name="chat-create"),
    path("chats/direct/", chats.direct, name="chat-direct"),
    path("chats/<int:pk>/", messages.chat, name="chat"),
    path("chats/<int:pk>/files/", attachments.upload, name="chat-files"),
    path("chats/<int:pk>/files/all/", attachments.files, name="chat-all-files"),
    path("chats/<int:pk>/commands/", commands.names, name="chat-commands"),
    path("chats/<int:pk>/entry/", chats.entry, name="chat-entry"),
    path("chats/<int:pk>/messages/", messages.create, name="messages"),
    path("chats/<int:pk>/name/", chats.rename, name="chat-name"),
    path("chats/<int:pk>/reading/", chats.read, name="chat-reading"),
    path("chats/<int:pk>/favourite/", arranging.favourite, name="chat-favourite"),
    path("chats/<int:pk>/joining/", members.join, name="chat-joining"),
    path("chats/<int:pk>/leaving/", leaving.leave, name="chat-leaving"),
    path("chats/<int:pk>/level/", members.level, name="chat-level"),
    path("chats/<int:pk>/invitations/", members.invite, name="chat-invitations"),
    path("chats/<int:pk>/members/", members.members, name="chat-members"),
    path("chats/<int:pk>/members/<int:user_pk>/removal/", members.remove, name="chat-removal"),
    path("chats/<int:pk>/members/<int:user_pk>/return/", members.lift_ban, name="chat-return"),
    path("chats/<int:pk>/members/<int:user_pk>/role/", governing.role, name="chat-role"),
    path("chats/<int:pk>/room/", governing.room, name="chat-room"),
    path("chats/<int:pk>/room/about/", governing.about, name="chat-about"),
    path("chats/<int:pk>/room/writing/", governing.writing, name="chat-rules"),
    path("chats/<int:pk>/room/kind/", governing.kind, name="chat-kind"),
    path("chats/<int:pk>/room/archive/", governing.archive, name="chat-archive"),
    path("chats/<int:pk>/hooks/", hooks.hooks, name="chat-hooks"),
    path("chats/hooks/<int:pk>/", hooks.hook, name="hook"),
    path("chats/hooks/<int:pk>/renewal/", hooks.renew, name="hook-renewal"),
    path("chats/hooks/<int:pk>/deletion/", hooks.delete, name="hook-deletion"),
    # Whatever is behind it: the view answers in the way of hooks, and with no redirect.
    re_path(r"^hooks/(?P<place>[\s\S]*)$", receiving.receive, name="hook-door"),
    path("chats/<int:pk>/pins/", pins.pins, name="chat-pins"),
    path("chats/<int:pk>/following/", threads.following, name="chat-following"),
    path("chats/<int:pk>/exports/", exports.create, name="chat-exports"),
    path("chats/<int:pk>/later/", later.send, name="chat-later"),
    path("chats/<int:pk>/draft/", writing.draft, name="chat-draft"),
    path("chats/<int:pk>/preview/", writing.preview, name="chat-preview"),
    path("chats/<int:pk>/mentions/", writing.people, name="chat-mentions"),
    path("chats/<int:pk>/ringing/", ringing.setting, name="chat-ringing"),
    path("chats/<int:pk>/writing/", presence.writing, name="chat-writing"),
    path("presence/", presence.say, name="presence"),
    path("presence/showing/", presence.show, name="presence-showing"),
    path("emoji/", writing.emoji, name="emoji"),
    path("exports/<int:pk>/", exports.download, name="export"),
    path("files/", include("messaging.attachments.urls")),
    path("messages/<int:pk>/", messages.message, name="message"),
    path("messages/<int:pk>/reactions/", reactions.reactions, name="reactions"),
    path("messages/<int:pk>/thread/", threads.thread, name="thread"),
    path("messages/<int:pk>/menu/", messages.menu, name="message-menu"),
    path("messages/<int:pk>/edits/", writing.edits, name="message-edits"),
    path("messages/<int:pk>/reply/", replies.reply, name="message-reply"),
    path("messages/<int:pk>/pin/", pins.pin, name="message-pin"),
    path("messages/<int:pk>/saved/", saved.save, name="message-saved"),
    path("messages/<int:pk>/reminder/", later.remind, name="message-reminder"),
    path("messages/<int:pk>/unread/", unread.from_here, name="message-unread"),
    path("messages/<int:pk>/read/", unread.until_here, name="message-read"),
    path("messages/<int:pk>/readers/", receipts.message_readers, name="message-readers"),
    path("messages/<int:pk>/quote/", links.quote, name="message-quote"),
    path("messages/<int:pk>/removal/", governing.removal, name="message-removal"),
    path("messages/<int:pk>/forward/", forwards.forward, name="message-forward"),
    path("messages/<int:pk>/origin/", forwards.origin, name="message-origin"),
    path("later/", later.later, name="later"),
    path("later/<int:pk>/", later.change, name="later-item"),
    path("later/<int:pk>/deletion/", later.cancel, name="later-deletion"),
    path("saved/", saved.saved, name="saved"),
    path("search/", search.search, name="search"),
    path("unread/", unread.unread, name="unread"),
    path("unread/reading/", unread.read_all, name="unread-reading"),
]
