# Apart from 0029: what that locks is read by everybody, and this goes through all memberships.

from django.db import migrations, models


def name_owners(apps, schema_editor):
    """Let the earliest person own each room whose owner's account is gone; whoever made one owns it already."""
    memberships = apps.get_model('messaging', 'Membership').objects
    here = memberships.filter(banned_at=None, chat__kind__in=['open', 'private'])
    owned = memberships.filter(is_owner=True, chat=models.OuterRef('chat'))
    unowned = here.exclude(user__called__is_bot=True).exclude(models.Exists(owned))
    first = unowned.order_by().values('chat').annotate(first=models.Min('pk')).values('first')
    memberships.filter(pk__in=first).update(is_owner=True)


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0029_keeping_order'),
    ]

    operations = [
        migrations.RunPython(name_owners, migrations.RunPython.noop),
    ]
