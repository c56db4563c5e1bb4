"""The index of what was said. What is in the database already is indexed by the worker, the newest first."""

from django.db import migrations, models

MAKE = {
    "sqlite": [
        # ascii leaves letters of other scripts as they are, so only the spaces separate that we write.
        """CREATE VIRTUAL TABLE messaging_search
           USING fts5(words, tags, tokenize="ascii tokenchars '#@%&+$'", prefix='2 3')""",
    ],
    "postgresql": [
        "CREATE TABLE messaging_search (message_id bigint PRIMARY KEY, chat_id bigint NOT NULL, words tsvector NOT NULL)",
        # With fastupdate one post in thousands would wait for what the others have put off, behind its chat's lock.
        "CREATE INDEX messaging_search_words ON messaging_search USING gin (words) WITH (fastupdate = off)",
        # No foreign key: it would have nobody empty the messages' table by TRUNCATE any more.
        """CREATE FUNCTION messaging_search_forget() RETURNS trigger LANGUAGE plpgsql AS $$
           BEGIN
             IF TG_OP = 'TRUNCATE' THEN
               DELETE FROM messaging_search;
             ELSE
               DELETE FROM messaging_search USING gone WHERE message_id = gone.id;
             END IF;
             RETURN NULL;
           END $$""",
        """CREATE TRIGGER messaging_search_forget AFTER DELETE ON messaging_message
           REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION messaging_search_forget()""",
        """CREATE TRIGGER messaging_search_empty AFTER TRUNCATE ON messaging_message
           FOR EACH STATEMENT EXECUTE FUNCTION messaging_search_forget()""",
    ],
}
DROP = {
    "sqlite": ["DROP TRIGGER IF EXISTS messaging_search_forget", "DROP TABLE messaging_search"],
    "postgresql": ["DROP FUNCTION messaging_search_forget() CASCADE", "DROP TABLE messaging_search"],
}


def make(apps, schema_editor):
    for statement in MAKE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    for statement in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0023_repliers'),
    ]

    operations = [
        migrations.CreateModel(
            name='Indexing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('behind', models.PositiveBigIntegerField()),
            ],
        ),
        migrations.RunPython(make, drop),
    ]
