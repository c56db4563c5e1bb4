"""A direct chat is for its people: every message of it rings their bell, as it did."""

from django.db import migrations


def tell_all_of_direct_chats(apps, schema_editor):
    """Set the level of all members of direct chats."""
    apps.get_model("messaging", "Membership").objects.filter(chat__kind="direct").update(level="all")


class Migration(migrations.Migration):

    dependencies = [("messaging", "0002_levels")]

    operations = [migrations.RunPython(tell_all_of_direct_chats, migrations.RunPython.noop)]
