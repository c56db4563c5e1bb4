import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def mark_naming(apps, schema_editor):
    apps.get_model("messaging", "Message").objects.exclude(named={}).update(is_naming=True)


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0024_search'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Folding',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='folding', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('sections', models.JSONField(default=list)),
                ('seq', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name='membership',
            name='is_favourite',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name='membership',
            name='entry_seq',
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name='membership',
            name='turn',
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name='message',
            name='is_naming',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name='showing',
            name='hides_reading',
            field=models.BooleanField(db_default=False, default=False, verbose_name='Hides what they have read'),
        ),
        migrations.RunPython(mark_naming, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('is_naming', True)), fields=['chat', 'number'], name='naming_messages'),
        ),
    ]
