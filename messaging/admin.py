"""Chats in the admin: to look at, and to delete."""

from django.contrib import admin
from django.http import HttpRequest

from messaging.models import Chat, Membership


class MembershipInline(admin.TabularInline):
    """The people in a chat."""

    model = Membership
    raw_id_fields = ("user",)
    extra = 0


@admin.register(Chat)
class ChatAdmin(admin.ModelAdmin):
    """Shows chats without what was said in them."""

    list_display = ("__str__", "kind", "last_number", "created_at")
    list_filter = ("kind",)
    search_fields = ("name",)
    readonly_fields = ("name", "kind")
    inlines = (MembershipInline,)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Let only the filter of the page ask: what it leaves out could be guessed letter by letter."""
        return lookup == "kind__exact" and "\0" not in value  # PostgreSQL cannot be asked for a NUL.

    def has_add_permission(self, request: object) -> bool:
        """Refuse: rooms are made on the site, where they get an owner."""
        return False
