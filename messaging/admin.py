"""Chats in the admin: to look at, and to delete."""

from django.contrib import admin

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

    def has_add_permission(self, request: object) -> bool:
        """Refuse: rooms are made on the site, where they get an owner."""
        return False
