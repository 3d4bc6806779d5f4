from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Coalesce

BOOKED = ["room", "interpretation", "facilitator"]


def book_by_time(apps, schema_editor):
    """What people give at a certain time is booked from now on; wishes of before keep having no time."""
    booked = apps.get_model("resources", "Resource").objects.filter(kind__in=BOOKED)
    booked.update(max_hours=Coalesce("max_hours", 3), lasts_days=None, max_at_once=None)


class Migration(migrations.Migration):
    dependencies = [("resources", "0002_where_when_and_whose_word")]

    operations = [
        migrations.AddField("resource", "max_quantity", models.PositiveSmallIntegerField(null=True)),
        migrations.AddField("resourcerequest", "quantity", models.PositiveSmallIntegerField(default=1)),
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
