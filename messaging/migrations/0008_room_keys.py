"""One key by which rooms are found and told apart, as people are; and user names by the same rule."""

from django.db import migrations, models

from messaging.accounts import names


def key_rooms(apps, schema_editor):
    """Of open rooms that have one name by now, the first keeps it, and others have their number behind it."""
    chats = apps.get_model("messaging", "Chat").objects
    rooms = list(chats.exclude(kind="direct").order_by("pk").values_list("pk", "name", "kind"))
    wanted, taken = {names.fold(name) for _, name, kind in rooms if kind == "open"}, set()
    for pk, name, kind in rooms:
        if kind == "open" and names.fold(name) in taken:
            name = _free(name, pk, wanted | taken)
        if kind == "open":
            taken.add(names.fold(name))
        chats.filter(pk=pk).update(name=name, name_key=names.fold(name))


def _free(name, number, taken):
    while names.fold(better := f"{name[:60]} {number}") in taken:
        number += 1
    return better


def key_people(apps, schema_editor):
    """Of people who have one user name by now, the first has the key; all of them go on as before."""
    people, taken, changed = apps.get_model("messaging", "Name").objects.exclude(key=None), set(), {}
    for pk, username, key in people.order_by("pk").values_list("pk", "user__username", "key"):
        folded = names.fold(username)
        if folded != key or folded in taken:
            changed[pk] = None if folded in taken else folded
        taken.add(folded)
    # All at once, or one could be given what another has until its turn comes.
    people.filter(pk__in=changed).update(key=None)
    for pk, key in changed.items():
        apps.get_model("messaging", "Name").objects.filter(pk=pk).update(key=key)


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0007_invitations'),
    ]

    operations = [
        migrations.AddField(
            model_name='chat',
            name='name_key',
            field=models.CharField(default='', editable=False, max_length=450),
            preserve_default=False,
        ),
        migrations.RemoveConstraint(
            model_name='chat',
            name='one_open_room_per_name',
        ),
        migrations.RunPython(key_rooms, migrations.RunPython.noop),
        migrations.RunPython(key_people, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='chat',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'open')), fields=('name_key',), name='one_open_room_per_key'),
        ),
    ]
