import datetime

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("groups", "0001_start"),
        ("initiatives", "0001_start"),
    ]

    operations = [
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField()),
                ("language", models.CharField(max_length=20)),
                ("people", models.PositiveIntegerField()),
                ("is_relayed", models.BooleanField()),
                ("reported_at", models.DateTimeField()),
                (
                    "reported_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("open", "Open"),
                            ("closed", "Closed, the summary is owed"),
                            ("summarised", "Closed, with a summary"),
                            ("unsummarised", "Closed, no summary"),
                            ("cancelled", "Cancelled"),
                            ("discarded", "Never opened"),
                        ],
                        default="draft",
                        max_length=14,
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                ("text", models.TextField()),
                ("questions", models.JSONField(default=list)),
                ("language", models.CharField(max_length=20)),
                ("version", models.PositiveSmallIntegerField(default=1)),
                ("languages", models.JSONField(default=list)),
                ("regions", models.JSONField(default=list)),
                ("closes_at", models.DateTimeField()),
                ("drafted_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True)),
                ("summary", models.TextField(blank=True)),
                ("summary_language", models.CharField(blank=True, max_length=20)),
                ("summarised_at", models.DateTimeField(null=True)),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rounds", to="groups.group"
                    ),
                ),
                (
                    "initiative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rounds", to="initiatives.initiative"
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "summarised_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "closes_at"], name="round_closing_soonest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("opened_at", None), ("opened_by", None), ("state__in", ["draft", "discarded"])),
                            models.Q(
                                models.Q(("state__in", ["draft", "discarded"]), _negated=True),
                                ("opened_at__isnull", False),
                                ("opened_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="opened_round_has_opened_at_and_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opened_at", None),
                            (
                                "closes_at__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("opened_at"), "+", models.Value(datetime.timedelta(days=21))
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="round_is_open_for_21_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("state__in", ["draft", "open"])),
                            models.Q(
                                models.Q(("state__in", ["draft", "open"]), _negated=True), ("closed_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="round_that_is_over_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("cancelled_by__isnull", False),
                                ("state", "cancelled"),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "cancelled"), _negated=True), ("cancelled_by", None), ("reason", "")
                            ),
                            _connector="OR",
                        ),
                        name="cancelled_round_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", "summarised"),
                                ("summarised_at__isnull", False),
                                ("summarised_by__isnull", False),
                                models.Q(("summary", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "summarised"), _negated=True),
                                ("summarised_at", None),
                                ("summarised_by", None),
                                ("summary", ""),
                            ),
                            _connector="OR",
                        ),
                        name="summarised_round_has_its_summary",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField()),
                ("noted_at", models.DateTimeField()),
                (
                    "noted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="corrections", to="feedback.round"
                    ),
                ),
            ],
            options={
                "ordering": ["noted_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("round", "noted_by"), name="one_correction_per_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="Carry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("accepted", "Carried"),
                            ("declined", "Declined"),
                            ("lapsed", "Nobody answered"),
                            ("reported", "Reported"),
                            ("unreported", "No report came"),
                            ("cancelled", "Not needed any more"),
                        ],
                        max_length=10,
                    ),
                ),
                ("languages", models.JSONField(default=list)),
                ("regions", models.JSONField(default=list)),
                ("place", models.PositiveSmallIntegerField(null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("asked_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "liaison",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="carries", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="carries",
                        to="feedback.report",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="carries", to="feedback.round"
                    ),
                ),
            ],
            options={
                "ordering": ["asked_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("round", "liaison"), name="a_liaison_carries_a_round_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "accepted")),
                        fields=("liaison", "place"),
                        name="a_place_of_a_liaison_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("place__gte", 1), ("place__isnull", False), ("place__lte", 2), ("state", "accepted")
                            ),
                            models.Q(models.Q(("state", "accepted"), _negated=True), ("place", None)),
                            _connector="OR",
                        ),
                        name="carried_round_has_a_place",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("report__isnull", False), ("state", "reported")),
                            models.Q(models.Q(("state", "reported"), _negated=True), ("report", None)),
                            _connector="OR",
                        ),
                        name="reported_round_has_its_report",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=20)),
                ("replies", models.JSONField(default=list)),
                ("text", models.TextField(blank=True)),
                ("is_named", models.BooleanField(default=False)),
                ("wants_news", models.BooleanField(default=False)),
                ("answered_at", models.DateTimeField()),
                ("corrected_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="feedback_answers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="feedback.round"
                    ),
                ),
            ],
            options={
                "ordering": ["answered_at", "pk"],
                "constraints": [models.UniqueConstraint(fields=("round", "person"), name="one_answer_per_person")],
            },
        ),
        migrations.CreateModel(
            name="Translation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=20)),
                ("title", models.CharField(max_length=120)),
                ("text", models.TextField()),
                ("questions", models.JSONField(default=list)),
                ("version", models.PositiveSmallIntegerField()),
                ("written_at", models.DateTimeField()),
                ("corrected_at", models.DateTimeField(null=True)),
                (
                    "corrected_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="translations", to="feedback.round"
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("round", "language"), name="one_translation_per_language"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("corrected_at", None), ("corrected_by", None)),
                            models.Q(("corrected_at__isnull", False), ("corrected_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="corrected_at_with_corrected_by",
                    ),
                ],
            },
        ),
    ]
