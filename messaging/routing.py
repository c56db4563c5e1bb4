"""WebSocket addresses of chats."""

from django.urls import path

from notifications.relay.consumers import StreamConsumer

websocket_urlpatterns = [path("ws/chats/<int:pk>/", StreamConsumer.of("chat"))]
