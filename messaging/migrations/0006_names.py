"""How everybody is called, in the forms by which names are compared; and nothing unseen in any name any more."""

from collections import defaultdict
from unicodedata import category, normalize

import django.db.models.deletion
from django.conf import settings
from django.db import IntegrityError, migrations, models, transaction

from messaging.accounts import names
from notifications.push import text


def plain(name, limit):
    """Return the name without what is refused in one by now."""
    seen = (each if category(each) not in text.UNSEEN else " " if each.isspace() else "" for each in name)
    name = " ".join(normalize("NFC", "".join(each for each in seen if each not in text.BLANK)).split())
    while name and category(name[0])[0] == "M":
        name = name[1:]
    return name[:limit].strip()


def is_clean(name, limit):
    try:
        return text.clean_name(name, limit) == name
    except text.ValidationError:
        return False


def mend(apps, schema_editor):
    users, chats = apps.get_model("auth", "User").objects, apps.get_model("messaging", "Chat").objects
    for pk, name in list(users.exclude(first_name="").values_list("pk", "first_name")):
        if "@" in name or not is_clean(name, 150):
            users.filter(pk=pk).update(first_name=plain(name.replace("@", " "), 150))
    for pk, name in list(chats.exclude(kind="direct").values_list("pk", "name")):
        if not is_clean(name, 80):
            better = plain(name, 80) or f"Room {pk}"
            try:
                with transaction.atomic():
                    chats.filter(pk=pk).update(name=better)
            except IntegrityError:
                chats.filter(pk=pk).update(name=f"{better[:60]} {pk}")


def fill(apps, schema_editor):
    """Of those whose user names differ in case only the first gets the key; all of them go on as before."""
    Name = apps.get_model("messaging", "Name")
    users = apps.get_model("auth", "User").objects.order_by("pk")
    made, keys, alike = [], set(), defaultdict(set)
    for pk, username, first_name, is_active in users.values_list("pk", "username", "first_name", "is_active"):
        shown, key = first_name or username, names.fold(username)
        name = Name(
            user_id=pk,
            key=None if key in keys else key,
            username_skeleton=names.skeleton(username),
            skeleton=names.skeleton(shown),
            is_odd=names.is_odd(shown) if first_name else names.is_mixed(shown),
        )
        made.append(name)
        keys.add(key)
        if is_active:
            alike[name.skeleton].add(pk)
            alike[name.username_skeleton].add(pk)
    for name in made:
        name.is_shared = bool(alike[name.skeleton] - {name.user_id})
    Name.objects.bulk_create(made, batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('messaging', '0005_whole_links'),
    ]

    operations = [
        migrations.CreateModel(
            name='Name',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='called', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('key', models.CharField(max_length=450, null=True, unique=True)),
                ('username_skeleton', models.CharField(db_index=True, max_length=450)),
                ('skeleton', models.CharField(db_index=True, help_text='Of the name that is shown.', max_length=450)),
                ('is_odd', models.BooleanField(default=False)),
                ('is_shared', models.BooleanField(default=False, help_text="Whether another's name looks the same.")),
            ],
        ),
        migrations.CreateModel(
            name='NameLock',
            fields=[
                ('number', models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.RunPython(mend, migrations.RunPython.noop),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
