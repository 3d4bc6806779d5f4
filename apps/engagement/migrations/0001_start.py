import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # What databases from before 1.0 have applied.
    replaces = [
        ("engagement", "0001_initial"),
        ("engagement", "0002_deadline_knows_who_was_asked"),
        ("engagement", "0003_answers_keep_their_reason"),
        ("engagement", "0004_entries_are_confirmed_doubted_and_corrected"),
        ("engagement", "0005_decisions_passes_replies"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("groups", "0001_start"),
        ("guidelines", "0001_start"),
        ("initiatives", "0001_start"),
    ]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("counts", "Counts"),
                            ("awaiting", "Waits for somebody who was there"),
                            ("unconfirmed", "Nobody who was there confirmed it"),
                            ("doubted", "Counts, and is doubted"),
                            ("struck", "Does not count after a doubt"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="counts",
                        max_length=12,
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("url", models.CharField(blank=True, max_length=1000)),
                ("note", models.TextField(blank=True)),
                ("happened_on", models.DateField()),
                ("languages", models.JSONField(default=list)),
                ("regions", models.JSONField(default=list)),
                ("community", models.CharField(blank=True, max_length=120)),
                ("told", models.CharField(blank=True, max_length=120)),
                ("starts_at", models.DateTimeField(null=True)),
                ("closed_on", models.DateField(null=True)),
                ("people", models.PositiveIntegerField(null=True)),
                ("text_number", models.PositiveSmallIntegerField(default=1)),
                ("logged_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "adoption",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="entries", to="initiatives.adoption"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="groups.group"),
                ),
                (
                    "logged_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="guidelines.step"
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["happened_on", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=["adoption", "step"],
                        name="entry_of_adoption",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at", None), ("withdrawn_by", None)),
                            models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="withdrawn_at_with_withdrawn_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "withdrawn"), ("withdrawn_at__isnull", False)),
                            models.Q(models.Q(("state", "withdrawn"), _negated=True), ("withdrawn_at", None)),
                            _connector="OR",
                        ),
                        name="withdrawn_entry_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_on", None), ("closed_on__gte", models.F("happened_on")), _connector="OR"
                        ),
                        name="closed_after_it_opened",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("url", ""), _negated=True), models.Q(("note", ""), _negated=True), _connector="OR"
                        ),
                        name="entry_has_evidence",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("url", ""),
                            models.Q(("state__in", ["awaiting", "unconfirmed"]), _negated=True),
                            _connector="OR",
                        ),
                        name="a_link_needs_no_witness",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EarlierText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("what", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ("corrected_at", models.DateTimeField()),
                (
                    "corrected_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="earlier_texts", to="engagement.entry"
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [models.UniqueConstraint(fields=("entry", "number"), name="an_earlier_text_once")],
            },
        ),
        migrations.CreateModel(
            name="Doubt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text_number", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waits for the group's answer"),
                            ("answered", "Answered"),
                            ("unanswered", "Not answered in time"),
                            ("upheld", "Upheld by a reviewer"),
                            ("dismissed", "Dismissed by a reviewer"),
                            ("fallen", "Answered, and fallen"),
                            ("taken_back", "Taken back"),
                            ("pointless", "Ended with the entry or its term"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("reason", models.TextField()),
                ("doubted_at", models.DateTimeField()),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("note", models.TextField(blank=True)),
                ("judged_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "doubted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="groups.group"),
                ),
                (
                    "judged_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="doubts", to="engagement.entry"
                    ),
                ),
            ],
            options={
                "ordering": ["-doubted_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["open", "answered"])),
                        fields=("entry",),
                        name="one_running_doubt_per_entry",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "taken_back"), _negated=True),
                        fields=("entry", "doubted_by", "text_number"),
                        name="a_person_doubts_a_text_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="doubt_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at", None), ("answered_by", None)),
                            models.Q(("answered_at__isnull", False), ("answered_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="answered_at_with_answered_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["answered", "upheld", "dismissed", "fallen"]), _negated=True),
                            ("answered_at__isnull", False),
                            _connector="OR",
                        ),
                        name="answered_doubt_has_an_answer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("judged_at", None), ("judged_by", None)),
                            models.Q(("judged_at__isnull", False), ("judged_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="judged_at_with_judged_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("judged_at__isnull", False), ("state__in", ["upheld", "dismissed"])),
                            models.Q(
                                models.Q(("state__in", ["upheld", "dismissed"]), _negated=True), ("judged_at", None)
                            ),
                            _connector="OR",
                        ),
                        name="judged_doubt_has_a_judge",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("state__in", ["open", "answered"])),
                            models.Q(
                                models.Q(("state__in", ["open", "answered"]), _negated=True),
                                ("ended_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="ended_doubt_has_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text_number", models.PositiveSmallIntegerField()),
                ("is_named", models.BooleanField(default=False)),
                ("confirmed_at", models.DateTimeField()),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="confirmations", to="engagement.entry"
                    ),
                ),
            ],
            options={
                "ordering": ["confirmed_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("entry", "confirmed_by", "text_number"), name="a_witness_counts_once"
                    )
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
        migrations.CreateModel(
            name="Submission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("bundle", "Measured steps"), ("early", "One step, early, with a reason")],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "In review"), ("settled", "Settled")], default="open", max_length=10
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("step_count", models.PositiveSmallIntegerField()),
                ("handed_in_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "adoption",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="submissions",
                        to="initiatives.adoption",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="groups.group"),
                ),
                (
                    "handed_in_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at", None), ("state", "open")),
                            models.Q(("settled_at__isnull", False), ("state", "settled")),
                            _connector="OR",
                        ),
                        name="settled_submission_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "early"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="early_submission_has_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChecklistStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
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
                        default="open",
                        max_length=24,
                    ),
                ),
                ("named", models.JSONField(null=True)),
                ("measured", models.JSONField(default=dict)),
                ("is_met", models.BooleanField(default=False)),
                ("decided_at", models.DateTimeField(null=True)),
                ("note", models.TextField(blank=True)),
                ("by_staff_alone", models.BooleanField(default=False)),
                ("more_asked_at", models.DateTimeField(null=True)),
                ("more_asked_note", models.TextField(blank=True)),
                (
                    "adoption",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="checklist", to="initiatives.adoption"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "more_asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="guidelines.step"
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="steps",
                        to="engagement.submission",
                    ),
                ),
            ],
            options={
                "ordering": ["step__position"],
                "constraints": [
                    models.UniqueConstraint(fields=("adoption", "step"), name="one_line_per_step"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "in_review"), _negated=True),
                            ("submission__isnull", False),
                            _connector="OR",
                        ),
                        name="step_in_review_is_handed_in",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["accepted", "waived", "refused", "more_asked"]), _negated=True),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="decided_at_with_decided_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("more_asked_at", None), ("more_asked_by", None)),
                            models.Q(("more_asked_at__isnull", False), ("more_asked_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="more_asked_at_with_more_asked_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["waived", "refused", "more_asked"]), _negated=True),
                            models.Q(("note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="these_answers_have_a_note",
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
    ]
