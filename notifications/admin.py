"""The push service in the admin: who was told and when, and of what is private not what."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.http import HttpRequest

from notifications.models import Announcement, Delivery, Heartbeat, Job, Notification, Receipt

PERSON = get_user_model()
ASKED_BY_FILTERS = ("exact", "isempty")
"""How the filters beside a list ask for what they show."""
PAGES_THAT_DELETE_PEOPLE = {
    f"{PERSON._meta.app_label}_{PERSON._meta.model_name}_{page}" for page in ("delete", "changelist")
}


class ReadOnly(admin.ModelAdmin):
    """To look at: what is written here would reach nobody, or be asked of nobody."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Let only the filters of the page ask: what it leaves out could be guessed letter by letter."""
        filters = [each[0] if isinstance(each, tuple) else each for each in self.list_filter]
        # PostgreSQL cannot be asked for a NUL.
        return lookup in {f"{name}__{how}" for name in filters for how in ASKED_BY_FILTERS} and "\0" not in value

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse, unless a person is deleted: what is theirs goes with them, if the staff may delete both."""
        page = request.resolver_match
        is_cascade = obj is not None and page is not None and page.url_name in PAGES_THAT_DELETE_PEOPLE
        return is_cascade and super().has_delete_permission(request, obj)


@admin.register(Notification)
class NotificationAdmin(ReadOnly):
    """Shows who was told and whether they have read it; the text may be from a private chat, so it is not here."""

    list_display = (
        "__str__",
        "inbox",
        "kind",
        "count",
        "newest_at",
        "seen_at",
        "read_at",
        "archived_at",
        "snoozed_until",
    )
    list_filter = ("kind",)
    list_select_related = ("inbox__user",)
    search_fields = (f"inbox__user__{PERSON.USERNAME_FIELD}",)
    exclude = ("text",)


@admin.register(Job)
class JobAdmin(ReadOnly):
    """Shows which tasks ran for whom and how they ended; what they say is between them and their owner."""

    list_display = ("__str__", "user", "state", "created_at", "started_at", "ended_at")
    list_filter = ("state",)
    list_select_related = ("user",)
    search_fields = (f"user__{PERSON.USERNAME_FIELD}", "title")
    exclude = ("log", "error", "result_url", "result_label")


@admin.register(Announcement)
class AnnouncementAdmin(ReadOnly):
    """Shows announcements; "View on site" leads to the page on which they are changed and stopped."""

    list_display = (
        "title",
        "author",
        "changed_by",
        "audience",
        "next_at",
        "every",
        "must_acknowledge",
        "cancelled_at",
        "barred_at",
    )
    list_filter = ("every", "must_acknowledge")
    search_fields = ("title", f"author__{PERSON.USERNAME_FIELD}")
    list_select_related = ("author", "changed_by")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    """Shows how far each sending is."""

    list_display = ("announcement", "due_at", "count", "acknowledged", "reached", "alive_at", "ended_at")
    search_fields = ("announcement__title",)
    list_select_related = ("announcement",)


@admin.register(Receipt)
class ReceiptAdmin(ReadOnly):
    """Shows who was sent what, and when they have acknowledged it."""

    list_display = ("user", "delivery", "created_at", "acknowledged_at", "reminders")
    list_filter = (("acknowledged_at", admin.EmptyFieldListFilter),)
    search_fields = (f"user__{PERSON.USERNAME_FIELD}", "delivery__announcement__title")
    list_select_related = ("user", "delivery__announcement")


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnly):
    """Shows when beat and its worker were last at work."""

    list_display = ("name", "at")
