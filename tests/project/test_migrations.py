"""Migrations run before the web servers start anew: until then those of the release before go on writing."""

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddField, CreateModel
from django.db.models.fields import NOT_PROVIDED

APPS = {"messaging", "notifications"}
BEFORE = {
    "membership.level",
    "notification.count",
    "notification.newest_at",
    # By an empty one two rooms would be one: nobody makes a room for these seconds.
    "chat.name_key",
}
"""Fields of older releases."""


def test_a_new_field_has_a_value_where_an_older_release_writes_a_row() -> None:
    lacking = set()
    for (app, _), migration in MigrationLoader(None).disk_migrations.items():
        if app in APPS:
            made = {each.name_lower for each in migration.operations if isinstance(each, CreateModel)}
            lacking |= {
                f"{each.model_name_lower}.{each.name}"
                for each in migration.operations
                if isinstance(each, AddField) and each.model_name_lower not in made and _is_needed(each)
            }
    assert lacking == BEFORE


def _is_needed(operation: AddField) -> bool:
    field = operation.field
    return not field.null and not field.many_to_many and field.db_default is NOT_PROVIDED
