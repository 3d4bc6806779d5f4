import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def keep_what_was_decided(apps, schema_editor):
    """Until now a line held its latest answer alone, and what more was asked for."""
    decisions = apps.get_model("engagement", "Decision").objects
    lines = apps.get_model("engagement", "ChecklistStep").objects
    for line in lines.exclude(submission=None).exclude(decided_at=None):
        if line.more_asked_at:
            decisions.create(
                submission=line.submission,
                answer="more_asked",
                note=line.more_asked_note,
                decided_at=line.more_asked_at,
                decided_by=line.more_asked_by,
            ).steps.add(line)
        if line.decided_at != line.more_asked_at:
            decisions.create(
                submission=line.submission,
                # Handed in again after an answer that was no question for more: it was refused.
                answer="refused" if line.state in {"open", "in_review"} else line.state,
                note=line.note,
                by_staff_alone=line.by_staff_alone,
                decided_at=line.decided_at,
                decided_by=line.decided_by,
            ).steps.add(line)


class Migration(migrations.Migration):
    dependencies = [
        ("engagement", "0004_entries_are_confirmed_doubted_and_corrected"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("in_review", "In review"),
                            ("more_asked", "A reviewer asked for more"),
                            ("accepted", "Accepted"),
                            ("waived", "Waived"),
                            ("refused", "Refused"),
                            ("confirmed_by_silence", "Confirmed by silence"),
                            ("not_reviewed", "Not reviewed"),
                        ],
                        max_length=24,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("by_staff_alone", models.BooleanField(default=False)),
                ("decided_at", models.DateTimeField()),
                ("taken_back_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("steps", models.ManyToManyField(related_name="decisions", to="engagement.checkliststep")),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="decisions",
                        to="engagement.submission",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["decided_by", "-decided_at"], name="decision_of_reviewer")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer__in", ["confirmed_by_silence", "not_reviewed"]), ("decided_by", None)),
                            models.Q(
                                ("answer__in", ["accepted", "more_asked", "waived", "refused"]),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="silence_or_a_reviewer_decides",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer__in", ["more_asked", "waived", "refused"]), _negated=True),
                            models.Q(("note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="these_decisions_have_a_note",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("taken_back_at", None),
                            models.Q(("decided_by__isnull", False), ("taken_back_at__gte", models.F("decided_at"))),
                            _connector="OR",
                        ),
                        name="a_reviewer_takes_back_what_was_decided",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Pass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=20)),
                ("found_reader", models.BooleanField()),
                ("passed_at", models.DateTimeField()),
                (
                    "passed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="passes", to="engagement.submission"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("submission", "passed_by"), name="passed_once_by_each_reviewer")
                ],
            },
        ),
        migrations.CreateModel(
            name="Reply",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=60)),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("more", "to ask for more"),
                            ("waive", "to waive"),
                            ("refuse", "to refuse"),
                            ("accept", "to accept"),
                        ],
                        max_length=10,
                    ),
                ),
                ("text", models.TextField()),
                ("written_at", models.DateTimeField()),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="review_replies",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["answer", "title", "pk"],
                "constraints": [models.UniqueConstraint(fields=("written_by", "title"), name="one_reply_of_a_title")],
            },
        ),
        migrations.RunPython(keep_what_was_decided, migrations.RunPython.noop),
    ]
