"""Notifications in the admin, to look at."""

from django.contrib import admin

from notifications.models import Notification


@admin.register(Notification)
class NotificationAdmin(admin.ModelAdmin):
    """Shows who was told what, and whether they have read it."""

    list_display = ("text", "inbox", "kind", "created_at", "read_at")
    list_filter = ("kind",)
    search_fields = ("text", "inbox__user__username")
    raw_id_fields = ("inbox",)

    def has_add_permission(self, request: object) -> bool:
        """Refuse: a row made here would take no place in its owner's stream."""
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        """Refuse, for the same reason."""
        return False
