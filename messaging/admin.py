"""Chats in the admin: to look at, and to delete; and people, whose names are checked there as everywhere."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.db.models import Q, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponseRedirect

from messaging.accounts import names
from messaging.accounts.forms import NewPersonForm, PersonForm
from messaging.accounts.models.name import TAKEN
from messaging.models import Chat, Membership


class WithBanned(BaseInlineFormSet):
    """Takes the rows of those who are kept out, too."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["id"].queryset = Membership.with_banned.all()


class MembershipInline(admin.TabularInline):
    """The people in a chat, and those who are kept out."""

    model = Membership
    formset = WithBanned
    raw_id_fields = ("user",)
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return Membership.with_banned.all()


FILTERS_OF_PEOPLE = {
    "is_staff__exact",
    "is_superuser__exact",
    "is_active__exact",
    "groups__id__exact",
    "groups__isnull",
}
"""What the filters beside the list of people ask, and nothing else may."""

admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):
    """Django's own, with names that can pass for nobody else's."""

    form = PersonForm
    add_form = NewPersonForm

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in FILTERS_OF_PEOPLE and "\0" not in value

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[User], search_term: str) -> Any:
        """Find names by what looks so, too: SQLite knows upper and lower case of English letters only."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if alike := names.skeleton(search_term):
            looks_so = Q(called__skeleton__contains=alike) | Q(called__username_skeleton__contains=alike)
            found |= queryset.filter(looks_so)
        return found, may_repeat

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Say so where a user name was taken in this very moment."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError:
            self.message_user(request, TAKEN, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


@admin.register(Chat)
class ChatAdmin(admin.ModelAdmin):
    """Shows chats without what was said in them."""

    list_display = ("__str__", "kind", "last_number", "created_at")
    list_filter = ("kind",)
    list_select_related = ("parent",)
    search_fields = ("name_key",)
    readonly_fields = ("name", "kind")
    inlines = (MembershipInline,)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Let only the filter of the page ask: what it leaves out could be guessed letter by letter."""
        return lookup == "kind__exact" and "\0" not in value  # PostgreSQL cannot be asked for a NUL.

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Chat], search_term: str) -> Any:
        return super().get_search_results(request, queryset, names.fold(search_term))

    def has_add_permission(self, request: object) -> bool:
        """Refuse: rooms are made on the site, where they get an owner."""
        return False
