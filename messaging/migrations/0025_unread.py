from django.db import migrations, models


def mark_naming(apps, schema_editor):
    apps.get_model("messaging", "Message").objects.exclude(named={}).update(is_naming=True)


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0023_repliers'),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='entry_seq',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='membership',
            name='turn',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='message',
            name='is_naming',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.RunPython(mark_naming, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('is_naming', True)), fields=['chat', 'number'], name='naming_messages'),
        ),
    ]
