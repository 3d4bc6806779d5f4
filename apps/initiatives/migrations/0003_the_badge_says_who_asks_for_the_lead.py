"""Adoptions say when silence gives a part in the lead to whoever asked, and when a silent group leaves."""

from datetime import timedelta

from django.db import migrations, models

BID_DAYS = 14


def say_what_comes(apps, schema_editor):
    bids = apps.get_model("initiatives", "Bid").objects.filter(state="open").exclude(kind="handover")
    for adoption in apps.get_model("initiatives", "Adoption").objects.filter(ended_at=None):
        first = bids.filter(adoption=adoption).order_by("made_at").first()
        leaving = adoption.leads.filter(ended_at=None, leaves_at__isnull=False).order_by("-leaves_at").first()
        adoption.shared_at = first and first.made_at + timedelta(days=BID_DAYS)
        adoption.leaves_at = leaving and leaving.leaves_at
        adoption.save(update_fields=["shared_at", "leaves_at"])


class Migration(migrations.Migration):
    dependencies = [("initiatives", "0002_new_leads_have_90_days_for_the_first_steps")]
    operations = [
        migrations.AddField("adoption", "shared_at", models.DateTimeField(null=True)),
        migrations.AddField("adoption", "leaves_at", models.DateTimeField(null=True)),
        migrations.RunPython(say_what_comes, migrations.RunPython.noop),
    ]
