from django.db import migrations, models
from django.db.models import Exists, OuterRef, Q, Subquery

MACHINES = ["jitsi", "bigbluebutton", "etherpad", "discourse", "mailman"]


def note_servers(apps, schema_editor):
    """What machines made stands where its resource is made now, but for what people made by hand."""
    resources = apps.get_model("resources", "Resource").objects
    requests = apps.get_model("resources", "ResourceRequest").objects
    jobs = apps.get_model("resources", "Job").objects
    server = Subquery(resources.filter(pk=OuterRef("resource")).values("server")[:1])
    jobs.filter(resource__provider__in=MACHINES).update(server=server)
    by_hand = jobs.filter(key=OuterRef("key"), act="make", done_by__isnull=False)
    made = requests.filter(resource__provider__in=MACHINES).filter(
        ~Q(reference="") | (~Q(address="") & ~Exists(by_hand))
    )
    made.update(server=server)


class Migration(migrations.Migration):
    dependencies = [("resources", "0001_start")]

    operations = [
        migrations.AddField(
            "resourcerequest", "server", models.CharField(blank=True, default="", max_length=40), False
        ),
        migrations.AddField("resourcerequest", "zone", models.CharField(default="UTC", max_length=60)),
        migrations.AddField(
            "resourcerequest",
            "whose_word",
            models.CharField(
                blank=True,
                choices=[("machine", "The machine"), ("group", "The group"), ("stewards", "The stewards")],
                max_length=10,
            ),
        ),
        migrations.AddField("job", "server", models.CharField(blank=True, default="", max_length=40), False),
        migrations.RunPython(note_servers, migrations.RunPython.noop),
        migrations.RemoveConstraint("job", "one_open_job_per_key_and_act"),
        migrations.AddConstraint(
            "job",
            models.UniqueConstraint(
                condition=Q(("state__in", ["due", "stuck"])),
                fields=("key", "act", "server"),
                name="one_open_job_per_key_act_and_server",
            ),
        ),
    ]
