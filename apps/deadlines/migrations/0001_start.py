import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # What databases from before 1.0 have applied.
    replaces = [
        ("deadlines", "0001_initial"),
        ("deadlines", "0002_absence_and_region"),
        ("deadlines", "0003_me_too_and_asked_again"),
        ("deadlines", "0004_settled_by_silence"),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Deadline",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(max_length=60)),
                ("subject_id", models.BigIntegerField()),
                ("owner", models.CharField(max_length=60)),
                ("region", models.CharField(blank=True, max_length=10)),
                ("opened_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("met", "Met"), ("lapsed", "Lapsed"), ("cancelled", "Cancelled")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=30)),
                ("asked_again_at", models.DateTimeField(null=True)),
                ("rung", models.PositiveSmallIntegerField()),
                ("wake_at", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                (
                    "asked",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_first",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "open")), fields=["wake_at"], name="deadline_to_wake"),
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["owner", "due_at"], name="deadline_owed_by"
                    ),
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["due_at"], name="deadline_oldest_first"
                    ),
                    models.Index(fields=["rule", "subject_id"], name="deadline_of_subject"),
                    models.Index(fields=["owner", "opened_at"], name="deadline_by_owner"),
                    models.Index(
                        condition=models.Q(("state", "lapsed")),
                        fields=["-closed_at"],
                        name="deadline_settled_by_silence",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("rule", "subject_id"),
                        name="one_open_deadline_per_rule_and_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("state", "open")),
                            models.Q(models.Q(("state", "open"), _negated=True), ("closed_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="closed_deadline_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_at__gte", models.F("opened_at"))), name="deadline_due_after_opening"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MeToo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "deadline",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="me_toos", to="deadlines.deadline"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="me_toos", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("deadline", "person"), name="me_too_once_for_each_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("declared", "Declared"), ("away", "Away"), ("over", "Over")],
                        default="declared",
                        max_length=10,
                    ),
                ),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="absences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "over"), _negated=True),
                        fields=("person",),
                        name="one_absence_at_a_time_for_each_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gte", models.F("begins_at"))), name="absence_ends_after_it_begins"
                    ),
                ],
            },
        ),
    ]
