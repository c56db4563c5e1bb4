"""Notifications in the admin: whether people were told, and not what."""

from django.contrib import admin

from notifications.models import Notification


@admin.register(Notification)
class NotificationAdmin(admin.ModelAdmin):
    """Shows who was told and whether they have read it; the text may be from a private chat, so it is not here."""

    list_display = ("__str__", "inbox", "kind", "created_at", "read_at")
    list_filter = ("kind",)
    search_fields = ("inbox__user__username",)
    exclude = ("text",)
    raw_id_fields = ("inbox",)

    def has_add_permission(self, request: object) -> bool:
        """Refuse: a row made here would take no place in its owner's stream."""
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        """Refuse, for the same reason."""
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        """Refuse: pages that show it would never hear of it."""
        return False
