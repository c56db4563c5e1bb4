"""Every page of the messenger."""

from django.urls import include, path

from messaging.chats import leaving, members
from messaging.chats import views as chats
from messaging.exports import views as exports
from messaging.messages import views as messages

urlpatterns = [
    path("", chats.home, name="home"),
    path("accounts/", include("messaging.accounts.urls")),
    path("rooms/", chats.enter, name="room-enter"),
    path("chats/mine/", leaving.own_chats, name="own-chats"),
    path("chats/new/", chats.create, name="chat-create"),
    path("chats/direct/", chats.direct, name="chat-direct"),
    path("chats/<int:pk>/", messages.chat, name="chat"),
    path("chats/<int:pk>/messages/", messages.create, name="messages"),
    path("chats/<int:pk>/name/", chats.rename, name="chat-name"),
    path("chats/<int:pk>/reading/", chats.read, name="chat-reading"),
    path("chats/<int:pk>/joining/", members.join, name="chat-joining"),
    path("chats/<int:pk>/leaving/", leaving.leave, name="chat-leaving"),
    path("chats/<int:pk>/level/", members.level, name="chat-level"),
    path("chats/<int:pk>/invitations/", members.invite, name="chat-invitations"),
    path("chats/<int:pk>/members/", members.members, name="chat-members"),
    path("chats/<int:pk>/members/<int:user_pk>/removal/", members.remove, name="chat-removal"),
    path("chats/<int:pk>/members/<int:user_pk>/return/", members.lift_ban, name="chat-return"),
    path("chats/<int:pk>/exports/", exports.create, name="chat-exports"),
    path("exports/<int:pk>/", exports.download, name="export"),
    path("messages/<int:pk>/", messages.message, name="message"),
]
