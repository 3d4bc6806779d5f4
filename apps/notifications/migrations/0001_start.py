import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # What databases from before 1.0 have applied.
    replaces = [
        ("notifications", "0001_initial"),
        ("notifications", "0002_notice"),
        ("notifications", "0003_letter_has_a_notice"),
        ("notifications", "0004_given_up_letters"),
        ("notifications", "0005_letters_in_full"),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60)),
                ("key", models.CharField(max_length=180, unique=True)),
                ("words", models.JSONField()),
                ("times", models.JSONField(default=dict)),
                ("link", models.TextField()),
                ("deadline_id", models.BigIntegerField(null=True)),
                ("written_at", models.DateTimeField()),
                ("leaves_at", models.DateTimeField()),
                ("recalled_at", models.DateTimeField(null=True)),
                ("left_at", models.DateTimeField(null=True)),
                (
                    "by",
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
                    models.Index(
                        condition=models.Q(("by__isnull", False)), fields=["by", "-written_at"], name="notice_by_person"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("leaves_at__gte", models.F("written_at"))),
                        name="notice_leaves_after_it_was_written",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("recalled_at", None), ("left_at", None), _connector="OR"),
                        name="recalled_notice_has_not_left",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=20)),
                ("written_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "mail",
                    models.CharField(
                        choices=[
                            ("none", "None"),
                            ("queued", "Queued"),
                            ("digest", "Digest"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("is_bulk", models.BooleanField(default=False)),
                ("wake_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="letters", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="letters", to="notifications.notice"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["recipient", "-written_at"], name="letter_of_person"),
                    models.Index(
                        condition=models.Q(("mail", "queued")), fields=["is_bulk", "wake_at"], name="letter_to_send"
                    ),
                    models.Index(
                        condition=models.Q(("mail", "digest")), fields=["wake_at", "recipient"], name="letter_to_bundle"
                    ),
                    models.Index(condition=models.Q(("mail", "failed")), fields=["is_bulk"], name="letter_given_up"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("notice", "recipient"), name="letter_once_per_act_and_person"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("mail__in", ["queued", "digest"]), _negated=True),
                            ("wake_at__isnull", False),
                            _connector="OR",
                        ),
                        name="waiting_letter_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("mail", "sent"), _negated=True), ("sent_at__isnull", False), _connector="OR"
                        ),
                        name="sent_letter_has_a_time",
                    ),
                ],
            },
        ),
    ]
