from django.db import migrations, models
from django.db.models import F


def copy_the_reason(apps, schema_editor):
    """What more was asked for stood in the note, until a later answer took its place."""
    lines = apps.get_model("engagement", "ChecklistStep").objects
    lines.filter(more_asked_at__isnull=False, decided_at=F("more_asked_at")).update(more_asked_note=F("note"))


class Migration(migrations.Migration):
    dependencies = [
        ("engagement", "0002_deadline_knows_who_was_asked"),
    ]

    operations = [
        migrations.AddField(
            model_name="checkliststep",
            name="by_staff_alone",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="checkliststep",
            name="more_asked_note",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.RunPython(copy_the_reason, migrations.RunPython.noop),
    ]
