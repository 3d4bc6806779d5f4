import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # What databases from before 1.0 have applied.
    replaces = [("initiatives", "0001_initial"), ("initiatives", "0002_all_the_ways_to_lead")]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("groups", "0001_start"),
        ("guidelines", "0001_start"),
    ]

    operations = [
        migrations.CreateModel(
            name="Recommendation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(unique=True)),
                ("titles", models.JSONField()),
                ("meta_page", models.CharField(max_length=200)),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="Initiative",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(unique=True)),
                ("titles", models.JSONField()),
                ("summaries", models.JSONField()),
                ("title_verified", models.BooleanField()),
                ("meta_page", models.CharField(blank=True, max_length=200)),
                (
                    "recommendation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="initiatives",
                        to="initiatives.recommendation",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="Adoption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("plan", models.TextField()),
                ("first_steps", models.JSONField()),
                ("adopted_at", models.DateTimeField()),
                ("notice_ends_at", models.DateTimeField()),
                ("term_began_at", models.DateTimeField()),
                ("last_act_at", models.DateTimeField()),
                ("last_act", models.CharField(max_length=60)),
                ("musts_met", models.PositiveSmallIntegerField(default=0)),
                ("musts_settled", models.BooleanField(default=False)),
                ("early_steps_met_at", models.DateTimeField(null=True)),
                ("hold_review_at", models.DateTimeField(null=True)),
                ("on_hold_for", models.CharField(blank=True, max_length=200)),
                ("forgotten_at", models.DateTimeField(null=True)),
                ("handing_over_at", models.DateTimeField(null=True)),
                ("concludes_at", models.DateTimeField(null=True)),
                ("summary", models.TextField(blank=True)),
                ("evidence", models.CharField(blank=True, max_length=1000)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("stepped_down", "stepped down"),
                            ("lapsed", "lapsed after 90 days without a counted act"),
                            ("expired", "the term ended and was not renewed"),
                            ("handed_over", "handed over"),
                            ("objected", "ended by a reviewer after an objection"),
                            ("concluded", "concluded"),
                        ],
                        max_length=20,
                    ),
                ),
                ("notes", models.TextField(blank=True)),
                (
                    "adopted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "guidelines",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="guidelines.version"
                    ),
                ),
                (
                    "initiative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adoptions",
                        to="initiatives.initiative",
                    ),
                ),
            ],
            options={
                "ordering": ["-adopted_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("initiative",),
                        name="one_running_adoption_per_initiative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ending", "")),
                            models.Q(("ended_at__isnull", False), models.Q(("ending", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="ended_adoption_says_how",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("notice_ends_at__gte", models.F("adopted_at"))),
                        name="notice_after_adoption",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("concludes_at", None), models.Q(("summary", ""), _negated=True), _connector="OR"
                        ),
                        name="concluding_adoption_has_a_summary",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hold_review_at", None), ("concludes_at", None), _connector="OR"),
                        name="on_hold_or_concluding_not_both",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Interest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("would_join", models.BooleanField(default=False)),
                ("would_lead", models.BooleanField(default=False)),
                ("would_translate", models.BooleanField(default=False)),
                ("would_review", models.BooleanField(default=False)),
                ("languages", models.JSONField(default=list)),
                ("region", models.CharField(blank=True, max_length=10)),
                ("is_named", models.BooleanField(default=False)),
                ("wants_news", models.BooleanField(default=False)),
                ("said_at", models.DateTimeField()),
                (
                    "initiative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="interests",
                        to="initiatives.initiative",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="interests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("initiative", "user"), name="one_interest_per_person"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("would_join", True),
                            ("would_lead", True),
                            ("would_translate", True),
                            ("would_review", True),
                            _connector="OR",
                        ),
                        name="interest_in_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Lead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("began_at", models.DateTimeField()),
                ("last_act_at", models.DateTimeField()),
                ("plan", models.TextField(blank=True)),
                ("first_steps", models.JSONField(default=list)),
                ("seeks_successor_at", models.DateTimeField(null=True)),
                ("continued_at", models.DateTimeField(null=True)),
                ("leaves_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("stepped_down", "stepped down"),
                            ("lapsed", "lapsed after 90 days without a counted act"),
                            ("expired", "the term ended and was not renewed"),
                            ("handed_over", "handed over"),
                            ("objected", "ended by a reviewer after an objection"),
                            ("concluded", "concluded"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "adoption",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="leads", to="initiatives.adoption"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="leads", to="groups.group"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("adoption", "group"), name="a_group_leads_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ending", "")),
                            models.Q(("ended_at__isnull", False), models.Q(("ending", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="ended_lead_says_how",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Bid",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("join", "asks to join the lead"),
                            ("quiet", "adopts it, since it is quiet"),
                            ("handover", "is offered the lead"),
                        ],
                        max_length=10,
                    ),
                ),
                ("plan", models.TextField(blank=True)),
                ("first_steps", models.JSONField(default=list)),
                ("evidence", models.CharField(blank=True, max_length=1000)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waits for an answer"),
                            ("shared", "They lead together"),
                            ("handed_over", "Handed over"),
                            ("declined", "Declined"),
                            ("continued", "The lead goes on alone"),
                            ("joined_by_silence", "Nobody answered: they lead together"),
                            ("lapsed", "Nobody answered: nothing changed"),
                            ("withdrawn", "Taken back"),
                            ("void", "Not needed any more"),
                        ],
                        default="open",
                        max_length=20,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("answer", models.TextField(blank=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "adoption",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="bids", to="initiatives.adoption"
                    ),
                ),
                (
                    "answered_by_group",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="groups.group"),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bids", to="groups.group"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "offered_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="initiatives.lead"
                    ),
                ),
            ],
            options={
                "ordering": ["made_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("adoption", "group"),
                        name="one_open_bid_of_a_group",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "handover"), ("state", "open")),
                        fields=("adoption",),
                        name="offered_to_one_group_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("state", "open")),
                            models.Q(models.Q(("state", "open"), _negated=True), ("closed_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="closed_bid_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "declined"), _negated=True),
                            models.Q(("answer", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="declined_bid_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("offered_by", None), ("kind", "handover"), _connector="OR"),
                        name="only_the_lead_is_offered_by_a_lead",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("plan", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waits for a reviewer"),
                            ("dismissed", "The adoption stands"),
                            ("shared", "They lead together"),
                            ("upheld", "The adoption was ended"),
                            ("stands_by_silence", "Nobody decided: the adoption stands"),
                            ("withdrawn", "Taken back"),
                            ("void", "Not needed any more"),
                        ],
                        default="open",
                        max_length=20,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("answer", models.TextField(blank=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "adoption",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="objections",
                        to="initiatives.adoption",
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="groups.group",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["made_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("adoption", "made_by"),
                        name="one_open_objection_of_a_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("state", "open")),
                            models.Q(models.Q(("state", "open"), _negated=True), ("closed_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="closed_objection_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["dismissed", "shared", "upheld"]), _negated=True),
                            models.Q(("closed_by__isnull", False), models.Q(("answer", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="decided_objection_says_who_and_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("group", None), ("plan", "")),
                            models.Q(("group__isnull", False), models.Q(("plan", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="objecting_group_has_a_plan",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("url", models.CharField(max_length=1000)),
                ("title", models.CharField(max_length=120)),
                ("language", models.CharField(max_length=20)),
                ("added_at", models.DateTimeField()),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "initiative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="places", to="initiatives.initiative"
                    ),
                ),
            ],
            options={
                "ordering": ["-added_at"],
                "constraints": [models.UniqueConstraint(fields=("initiative", "url"), name="a_place_once")],
            },
        ),
        migrations.CreateModel(
            name="Update",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField()),
                ("next_step", models.TextField(blank=True)),
                ("link", models.CharField(blank=True, max_length=1000)),
                ("posted_at", models.DateTimeField()),
                (
                    "adoption",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="updates", to="initiatives.adoption"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="groups.group"),
                ),
                (
                    "posted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-posted_at", "-pk"],
                "indexes": [models.Index(fields=["-posted_at"], name="update_newest_first")],
            },
        ),
        migrations.CreateModel(
            name="Obstacle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=300)),
                ("role", models.CharField(blank=True, max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "A person is asked whether it waits for them"),
                            ("waiting", "Waits for an answer"),
                            ("answered", "Answered"),
                            ("unanswered", "Nobody answered"),
                            ("nobodys", "It waits for nobody"),
                            ("gone", "Out of the way"),
                        ],
                        max_length=12,
                    ),
                ),
                ("named_at", models.DateTimeField()),
                ("answer", models.TextField(blank=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "adoption",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="obstacles", to="initiatives.adoption"
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="groups.group"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "update",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="obstacle", to="initiatives.update"
                    ),
                ),
            ],
            options={
                "ordering": ["-named_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("group", None), ("person", None), ("role", ""), ("state__in", ["nobodys", "gone"])
                            ),
                            models.Q(models.Q(("role", ""), _negated=True), ("group", None), ("person", None)),
                            models.Q(("group__isnull", False), ("person", None), ("role", "")),
                            models.Q(("group", None), ("person__isnull", False), ("role", "")),
                            _connector="OR",
                        ),
                        name="obstacle_waits_for_one_owner",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "asked"), _negated=True), ("person__isnull", False), _connector="OR"
                        ),
                        name="a_person_is_asked_first",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "answered"), _negated=True),
                            models.Q(("answer", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="answered_obstacle_has_words",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("waits_for", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "On hold"),
                            ("resumed", "Resumed"),
                            ("forgotten", "Forgotten: it turned quiet"),
                            ("ended", "Ended with the term"),
                        ],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("began_at", models.DateTimeField()),
                ("review_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "adoption",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="holds", to="initiatives.adoption"
                    ),
                ),
                (
                    "began_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="groups.group"),
                ),
            ],
            options={
                "ordering": ["-began_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "running")), fields=("adoption",), name="one_hold_at_a_time"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("state", "running")),
                            models.Q(models.Q(("state", "running"), _negated=True), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="ended_hold_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("review_at__gt", models.F("began_at"))), name="hold_is_reviewed_later"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Hint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=200)),
                ("url", models.CharField(max_length=1000)),
                ("left_at", models.DateTimeField()),
                (
                    "left_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "initiative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="hints", to="initiatives.initiative"
                    ),
                ),
            ],
            options={
                "ordering": ["-left_at"],
                "constraints": [models.UniqueConstraint(fields=("initiative", "url"), name="a_hint_once")],
            },
        ),
    ]
