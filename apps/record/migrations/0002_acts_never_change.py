"""The record is append-only: the database refuses every UPDATE of an act or a mention."""

from django.db import migrations

TABLES = ("record_act", "record_mention")
SENTENCE = "The record is append-only."


def refuse_updates(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION record_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{SENTENCE}'; END $$",
            params=None,
        )
    for table in TABLES:
        if schema_editor.connection.vendor == "postgresql":
            body = f"BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION record_is_append_only()"
        else:
            body = f"BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
        schema_editor.execute(f"CREATE TRIGGER {table}_append_only {body}", params=None)


def allow_updates(apps, schema_editor):
    for table in TABLES:
        on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER {table}_append_only{on}")
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION record_is_append_only()")


class Migration(migrations.Migration):
    dependencies = [("record", "0001_initial")]
    operations = [migrations.RunPython(refuse_updates, allow_updates)]
