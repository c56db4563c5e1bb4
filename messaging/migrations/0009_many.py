"""What people are found by, and when something was last said in a chat."""

from django.db import migrations, models
from django.db.models import Max, OuterRef, Subquery

from messaging.accounts import names


def fill(apps, schema_editor):
    Name, Chat, Message = (apps.get_model("messaging", model) for model in ("Name", "Chat", "Message"))
    found = list(Name.objects.select_related("user").iterator())
    for name in found:
        name.search_key = names.search_key(name.user.username, name.user.first_name)
    Name.objects.bulk_update(found, ["search_key"], batch_size=500)
    said = Message.objects.filter(chat=OuterRef("pk")).order_by().values("chat").annotate(last=Max("created_at"))
    Chat.objects.update(said_at=Subquery(said.values("last")))


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0008_room_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='name',
            name='search_key',
            field=models.CharField(db_default='', default='', help_text='Both names, folded.', max_length=900),
        ),
        migrations.AddField(
            model_name='chat',
            name='said_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
