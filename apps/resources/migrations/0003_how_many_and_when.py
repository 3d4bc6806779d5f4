from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

BOOKED = ["room", "interpretation", "facilitator"]
NEW = ["interpretation", "facilitator"]


def book_by_time(apps, schema_editor):
    """What people give at a certain time is booked from now on.

    Wishes of before have no time of their own: what they had was how long the offer lasts. What is in use ends on its
    day, since it can be booked again.
    """
    booked = apps.get_model("resources", "Resource").objects.filter(kind__in=BOOKED)
    booked.update(max_hours=Coalesce("max_hours", 3), lasts_days=None, max_at_once=None)
    requests = apps.get_model("resources", "ResourceRequest").objects.filter(resource__kind__in=NEW)
    in_use = [*requests.filter(state="in_use").values_list("pk", flat=True)]
    requests.filter(state__in=["asked", "waiting", "wanted"]).update(starts_at=None, ends_at=None)
    deadlines = apps.get_model("deadlines", "Deadline").objects
    asked_about = deadlines.filter(rule="resources.still_in_use", subject_id__in=in_use, state="open")
    at_its_end = {"due_at": F("ends_at"), "wake_at": F("ends_at"), "rung": 0, "owner": "clock:0"}
    asked_about.update(rule="resources.end_of_booking", **at_its_end)


class Migration(migrations.Migration):
    dependencies = [("resources", "0002_where_when_and_whose_word"), ("deadlines", "0001_start")]

    operations = [
        migrations.AddField("resource", "max_quantity", models.PositiveSmallIntegerField(null=True)),
        migrations.AddField("resourcerequest", "quantity", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("resourcerequest", "changed_at", models.DateTimeField(null=True)),
        migrations.RemoveConstraint("resource", "rooms_have_a_longest_meeting"),
        migrations.RunPython(book_by_time, migrations.RunPython.noop),
        migrations.AddConstraint(
            "resource",
            models.CheckConstraint(
                condition=~Q(kind__in=BOOKED) | Q(max_hours__isnull=False), name="what_is_booked_has_a_longest_time"
            ),
        ),
        migrations.AddConstraint(
            "resource",
            models.CheckConstraint(
                condition=Q(max_quantity=None) | Q(max_quantity__gt=1, provider="by_hand"),
                name="several_of_what_people_give",
            ),
        ),
        migrations.AddConstraint(
            "resourcerequest", models.CheckConstraint(condition=Q(quantity__gte=1), name="asked_for_one_at_least")
        ),
    ]
