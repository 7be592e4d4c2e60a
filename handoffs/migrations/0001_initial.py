"""The models, as `makemigrations` writes them."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import accounts.models.fields
import accounts.rules.clocks


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Handoff",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    accounts.models.fields.LineField(
                        choices=[
                            ("owner", "Owner"),
                            ("success", "Success"),
                            ("support", "Support"),
                            ("engineer", "Engineer"),
                            ("sponsor", "Executive sponsor"),
                            ("incoming", "Incoming"),
                            ("back_up", "Back-up"),
                            ("past", "Served before our records"),
                        ],
                        max_length=8,
                    ),
                ),
                ("access_on", models.DateField()),
                ("accountable_on", models.DateField()),
                ("announce_on", models.DateField()),
                ("back_up_until", models.DateField(blank=True, null=True)),
                ("opened_at", models.DateTimeField()),
                ("written_at", models.DateTimeField(blank=True, null=True)),
                ("access_at", models.DateTimeField(blank=True, null=True)),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("overridden_at", models.DateTimeField(blank=True, null=True)),
                ("overridden_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                ("moved_at", models.DateTimeField(blank=True, null=True)),
                ("announced_at", models.DateTimeField(blank=True, null=True)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("taken_back_at", models.DateTimeField(blank=True, null=True)),
                ("refused_at", models.DateTimeField(blank=True, null=True)),
                ("refused_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handoffs",
                        to="accounts.account",
                    ),
                ),
                (
                    "announced_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.contact",
                    ),
                ),
                (
                    "coverage",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="made_by_handoff",
                        to="accounts.coverage",
                    ),
                ),
                (
                    "follows",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed_by",
                        to="handoffs.handoff",
                    ),
                ),
                (
                    "incoming",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handoffs_in",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "outgoing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handoffs_out",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "overridden_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["account__name", "pk"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Holdout",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("until", models.DateField()),
                ("because", accounts.models.fields.LineField(max_length=500)),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holdouts",
                        to="accounts.deal",
                    ),
                ),
                (
                    "handoff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holdouts",
                        to="handoffs.handoff",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Move",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    accounts.models.fields.LineField(
                        choices=[
                            ("owner", "Owner"),
                            ("success", "Success"),
                            ("support", "Support"),
                            ("engineer", "Engineer"),
                            ("sponsor", "Executive sponsor"),
                            ("incoming", "Incoming"),
                            ("back_up", "Back-up"),
                            ("past", "Served before our records"),
                        ],
                        default="owner",
                        max_length=8,
                    ),
                ),
                ("because", accounts.models.fields.LineField(blank=True, max_length=500)),
                (
                    "refused_because",
                    accounts.models.fields.LineField(
                        blank=True, help_text="Why no handoff could be opened.", max_length=500
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="accounts.account",
                    ),
                ),
                (
                    "incoming",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "outgoing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddField(
            model_name="handoff",
            name="move",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="handoff",
                to="handoffs.move",
            ),
        ),
        migrations.CreateModel(
            name="ReadBack",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("stands", accounts.models.fields.WordsField(verbose_name="Where do they stand?")),
                (
                    "why_us",
                    accounts.models.fields.WordsField(
                        blank=True, verbose_name="Why did they choose us, and what must not be raised?"
                    ),
                ),
                (
                    "first_call",
                    accounts.models.fields.WordsField(
                        blank=True, verbose_name="Whom do you call first, and why?"
                    ),
                ),
                (
                    "promised",
                    accounts.models.fields.WordsField(
                        blank=True, verbose_name="What have we promised, and by when?"
                    ),
                ),
                (
                    "falls_due",
                    accounts.models.fields.WordsField(blank=True, verbose_name="What falls due, and when?"),
                ),
                (
                    "could_go_wrong",
                    accounts.models.fields.WordsField(
                        blank=True, verbose_name="What could go wrong, and what will you do?"
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("accepted", models.BooleanField(blank=True, null=True)),
                ("note", accounts.models.fields.WordsField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="read_backs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "handoff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="read_backs",
                        to="handoffs.handoff",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Takeover",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "obligation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="takeovers",
                        to="accounts.obligation",
                    ),
                ),
                (
                    "read_back",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="takeovers",
                        to="handoffs.readback",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.contact"
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="told",
                        to="accounts.entry",
                    ),
                ),
                (
                    "handoff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to="handoffs.handoff",
                    ),
                ),
                (
                    "letter",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="told",
                        to="accounts.letter",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("handoff", "contact"),
                        name="notification_once",
                        violation_error_message="They have been told already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("entry", None), ("letter__isnull", False)),
                            models.Q(("entry__isnull", False), ("letter", None)),
                            _connector="OR",
                        ),
                        name="notification_by_letter_or_call",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "way",
                    accounts.models.fields.LineField(
                        choices=[("letter", "By letter"), ("call", "By telephone"), ("not", "Not by us")],
                        max_length=6,
                    ),
                ),
                (
                    "lets_in",
                    models.BooleanField(
                        default=False, help_text="From then on they sign in and see their account's page."
                    ),
                ),
                ("chosen_at", models.DateTimeField()),
                (
                    "caller",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who rings them.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "chosen_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="Nobody: proposed.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.contact"
                    ),
                ),
                (
                    "handoff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recipients",
                        to="handoffs.handoff",
                    ),
                ),
                (
                    "letter",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="announces",
                        to="accounts.letter",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("handoff", "contact"), name="recipient_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("caller__isnull", False), ("way", "call")),
                            models.Q(models.Q(("way", "call"), _negated=True), ("caller", None)),
                            _connector="OR",
                        ),
                        name="recipient_who_is_rung_has_a_caller",
                        violation_error_message="Say who rings them.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TemplateItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    accounts.models.fields.LineField(
                        blank=True,
                        choices=[
                            ("reorg", "Territory reorganisation"),
                            ("departure", "Departure"),
                            ("role_change", "Role change"),
                            ("leave", "Leave"),
                            ("sale_to_success", "Sale to success"),
                            ("sponsor_change", "Sponsor change"),
                            ("handover", "Handover of one account"),
                        ],
                        help_text="Empty: for every kind of transition.",
                        max_length=16,
                    ),
                ),
                (
                    "when",
                    accounts.models.fields.LineField(
                        choices=[
                            ("always", "Always"),
                            ("planned", "When the person is still here"),
                            ("sudden", "When the person has already gone"),
                        ],
                        default="always",
                        max_length=8,
                    ),
                ),
                (
                    "part",
                    accounts.models.fields.LineField(
                        choices=[
                            ("condition", "Condition"),
                            ("story", "Story"),
                            ("actions", "Actions"),
                            ("if_then", "If … then …"),
                            ("people", "People"),
                        ],
                        max_length=10,
                    ),
                ),
                ("text", accounts.models.fields.LineField(max_length=300)),
                (
                    "why",
                    accounts.models.fields.LineField(
                        help_text="Shown beside the item, so that nobody ticks it blindly.", max_length=500
                    ),
                ),
                (
                    "proof",
                    accounts.models.fields.LineField(
                        choices=[
                            ("person", "A person says so"),
                            ("condition", "The condition is rated"),
                            ("topic", "There is an answer on the topic"),
                            ("champion", "A champion is named, with strength and evidence"),
                            ("second_person", "Two of our people know somebody there"),
                            ("recent_note", "There is a note from the last 60 days"),
                            ("taken_on", "The obligation is taken on by name, or closed"),
                            ("sorted", "Somebody has said what becomes of it"),
                            ("rest_sorted", "Each of them is sorted"),
                            ("settled", "Somebody has said which of them stands"),
                            ("told", "They were told, or somebody said that we do not tell them"),
                        ],
                        default="person",
                        max_length=14,
                    ),
                ),
                ("required", models.BooleanField(default=True)),
                (
                    "before_writing",
                    models.BooleanField(
                        default=True,
                        help_text="Otherwise before the read-back is accepted.",
                        verbose_name="before the brief goes for approval",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=100)),
                ("active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "topic",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.topic",
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Transition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    accounts.models.fields.LineField(
                        choices=[
                            ("reorg", "Territory reorganisation"),
                            ("departure", "Departure"),
                            ("role_change", "Role change"),
                            ("leave", "Leave"),
                            ("sale_to_success", "Sale to success"),
                            ("sponsor_change", "Sponsor change"),
                            ("handover", "Handover of one account"),
                        ],
                        max_length=16,
                    ),
                ),
                ("name", accounts.models.fields.LineField(max_length=200)),
                (
                    "sudden",
                    models.BooleanField(
                        default=False, help_text="The person had gone before anybody could hand over."
                    ),
                ),
                (
                    "because",
                    accounts.models.fields.LineField(
                        help_text="The customer reads this reason.", max_length=500
                    ),
                ),
                (
                    "access_on",
                    models.DateField(
                        help_text="From this day the next owner may read.", verbose_name="access"
                    ),
                ),
                (
                    "accountable_on",
                    models.DateField(
                        help_text="From this day, once read back, the next owner answers.",
                        verbose_name="accountable",
                    ),
                ),
                (
                    "announced_on",
                    models.DateField(help_text="On this day the customer is told.", verbose_name="announced"),
                ),
                ("last_day", models.DateField(blank=True, help_text="The leaver's last day.", null=True)),
                (
                    "return_on",
                    models.DateField(
                        blank=True,
                        help_text="Accounts go back by themselves.",
                        null=True,
                        verbose_name="back on",
                    ),
                ),
                (
                    "back_up_until",
                    models.DateField(
                        blank=True,
                        help_text="The outgoing person stays as named back-up until this day.",
                        null=True,
                    ),
                ),
                ("opened_at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_at",
                    models.DateTimeField(blank=True, help_text="The leaver has gone, or is back.", null=True),
                ),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        blank=True,
                        help_text="What was sold, when it passes from sale to success.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transitions",
                        to="accounts.deal",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who leaves, or goes on leave.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transitions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-opened_at", "-pk"],
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="move",
            name="transition",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="moves", to="handoffs.transition"
            ),
        ),
        migrations.CreateModel(
            name="JobRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("total", models.PositiveIntegerField()),
                ("done", models.PositiveIntegerField(default=0)),
                ("queued_at", models.DateTimeField()),
                ("heartbeat_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "transition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="jobs",
                        to="handoffs.transition",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="HandoffEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "role",
                    accounts.models.fields.LineField(
                        choices=[
                            ("owner", "Owner"),
                            ("success", "Success"),
                            ("support", "Support"),
                            ("engineer", "Engineer"),
                            ("sponsor", "Executive sponsor"),
                            ("incoming", "Incoming"),
                            ("back_up", "Back-up"),
                            ("past", "Served before our records"),
                        ],
                        max_length=8,
                    ),
                ),
                ("access_on", models.DateField()),
                ("accountable_on", models.DateField()),
                ("announce_on", models.DateField()),
                ("back_up_until", models.DateField(blank=True, null=True)),
                ("opened_at", models.DateTimeField()),
                ("written_at", models.DateTimeField(blank=True, null=True)),
                ("access_at", models.DateTimeField(blank=True, null=True)),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("overridden_at", models.DateTimeField(blank=True, null=True)),
                ("overridden_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                ("moved_at", models.DateTimeField(blank=True, null=True)),
                ("announced_at", models.DateTimeField(blank=True, null=True)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("taken_back_at", models.DateTimeField(blank=True, null=True)),
                ("refused_at", models.DateTimeField(blank=True, null=True)),
                ("refused_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "announced_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.contact",
                    ),
                ),
                (
                    "coverage",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.coverage",
                    ),
                ),
                (
                    "follows",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="handoffs.handoff",
                    ),
                ),
                (
                    "incoming",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "outgoing",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "overridden_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="handoffs.handoff",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "move",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="handoffs.move",
                    ),
                ),
                (
                    "transition",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="handoffs.transition",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="handoff",
            name="transition",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="handoffs", to="handoffs.transition"
            ),
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("approved", models.BooleanField(help_text="Otherwise it was returned, with the reason.")),
                ("because", accounts.models.fields.LineField(blank=True, max_length=1000)),
                ("fingerprint", accounts.models.fields.LineField(max_length=64)),
                ("brief", models.JSONField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "handoff",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to="handoffs.handoff",
                    ),
                ),
                (
                    "transition",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to="handoffs.transition",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="TransitionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "kind",
                    accounts.models.fields.LineField(
                        choices=[
                            ("reorg", "Territory reorganisation"),
                            ("departure", "Departure"),
                            ("role_change", "Role change"),
                            ("leave", "Leave"),
                            ("sale_to_success", "Sale to success"),
                            ("sponsor_change", "Sponsor change"),
                            ("handover", "Handover of one account"),
                        ],
                        max_length=16,
                    ),
                ),
                ("name", accounts.models.fields.LineField(max_length=200)),
                (
                    "sudden",
                    models.BooleanField(
                        default=False, help_text="The person had gone before anybody could hand over."
                    ),
                ),
                (
                    "because",
                    accounts.models.fields.LineField(
                        help_text="The customer reads this reason.", max_length=500
                    ),
                ),
                (
                    "access_on",
                    models.DateField(
                        help_text="From this day the next owner may read.", verbose_name="access"
                    ),
                ),
                (
                    "accountable_on",
                    models.DateField(
                        help_text="From this day, once read back, the next owner answers.",
                        verbose_name="accountable",
                    ),
                ),
                (
                    "announced_on",
                    models.DateField(help_text="On this day the customer is told.", verbose_name="announced"),
                ),
                ("last_day", models.DateField(blank=True, help_text="The leaver's last day.", null=True)),
                (
                    "return_on",
                    models.DateField(
                        blank=True,
                        help_text="Accounts go back by themselves.",
                        null=True,
                        verbose_name="back on",
                    ),
                ),
                (
                    "back_up_until",
                    models.DateField(
                        blank=True,
                        help_text="The outgoing person stays as named back-up until this day.",
                        null=True,
                    ),
                ),
                ("opened_at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_at",
                    models.DateTimeField(blank=True, help_text="The leaver has gone, or is back.", null=True),
                ),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="What was sold, when it passes from sale to success.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.deal",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Who leaves, or goes on leave.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="handoffs.transition",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ChecklistItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "part",
                    accounts.models.fields.LineField(
                        choices=[
                            ("condition", "Condition"),
                            ("story", "Story"),
                            ("actions", "Actions"),
                            ("if_then", "If … then …"),
                            ("people", "People"),
                        ],
                        max_length=10,
                    ),
                ),
                ("text", accounts.models.fields.LineField(max_length=300)),
                ("why", accounts.models.fields.LineField(max_length=500)),
                (
                    "proof",
                    accounts.models.fields.LineField(
                        choices=[
                            ("person", "A person says so"),
                            ("condition", "The condition is rated"),
                            ("topic", "There is an answer on the topic"),
                            ("champion", "A champion is named, with strength and evidence"),
                            ("second_person", "Two of our people know somebody there"),
                            ("recent_note", "There is a note from the last 60 days"),
                            ("taken_on", "The obligation is taken on by name, or closed"),
                            ("sorted", "Somebody has said what becomes of it"),
                            ("rest_sorted", "Each of them is sorted"),
                            ("settled", "Somebody has said which of them stands"),
                            ("told", "They were told, or somebody said that we do not tell them"),
                        ],
                        max_length=14,
                    ),
                ),
                ("required", models.BooleanField()),
                ("before_writing", models.BooleanField()),
                ("position", models.PositiveSmallIntegerField()),
                ("ticked_at", models.DateTimeField(blank=True, null=True)),
                ("waived_at", models.DateTimeField(blank=True, null=True)),
                ("waived_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.contact",
                    ),
                ),
                (
                    "obligation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.obligation",
                    ),
                ),
                (
                    "ticked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.topic",
                    ),
                ),
                (
                    "waived_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "handoff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="handoffs.handoff",
                    ),
                ),
                ("end", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "entry",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.entry",
                    ),
                ),
                ("start", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "ticked_words",
                    accounts.models.fields.LineField(blank=True, db_default="", default="", max_length=500),
                ),
            ],
            options={
                "ordering": ["position", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("waived_at", None),
                            models.Q(("waived_because", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="item_waived_says_why",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="readback",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decided_at", None)),
                fields=("handoff",),
                name="read_back_one_waiting",
                violation_error_message="A read-back is already waiting to be accepted.",
            ),
        ),
        migrations.AddConstraint(
            model_name="readback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted", None), ("decided_at", None), ("decided_by", None)),
                    models.Q(
                        ("accepted__isnull", False),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        models.Q(("decided_by", models.F("by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="read_back_decided_by_a_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="readback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted", False), _negated=True),
                    models.Q(("note", ""), _negated=True),
                    _connector="OR",
                ),
                name="read_back_return_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="takeover",
            constraint=models.UniqueConstraint(fields=("read_back", "obligation"), name="takeover_once"),
        ),
        migrations.AddConstraint(
            model_name="templateitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("proof", "topic"), ("topic__isnull", False)),
                    models.Q(models.Q(("proof", "topic"), _negated=True), ("topic", None)),
                    _connector="OR",
                ),
                name="template_topic_with_its_proof",
            ),
        ),
        migrations.AddConstraint(
            model_name="transition",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("cancelled_at", None),
                    ("ended_at", None),
                    ("kind__in", ["departure", "leave"]),
                    ("undone_at", None),
                ),
                fields=("person",),
                name="transition_one_for_a_person",
                violation_error_message="A departure or leave of this person is already under way.",
            ),
        ),
        migrations.AddConstraint(
            model_name="transition",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cancelled_at", None), ("undone_at", None)),
                fields=("deal",),
                name="transition_one_for_a_deal",
                violation_error_message="What was sold in this deal is being handed to success already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="transition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("deal__isnull", False), ("kind", "sale_to_success")),
                    models.Q(models.Q(("kind", "sale_to_success"), _negated=True), ("deal", None)),
                    _connector="OR",
                ),
                name="transition_of_a_sale_has_its_deal",
            ),
        ),
        migrations.AddConstraint(
            model_name="transition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "leave"), _negated=True),
                    ("return_on__gt", models.F("accountable_on")),
                    _connector="OR",
                ),
                name="transition_leave_returns",
            ),
        ),
        migrations.AddConstraint(
            model_name="transition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cancelled_at", None),
                    models.Q(
                        ("cancelled_by__isnull", False), models.Q(("cancelled_because", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="transition_cancelled_says_why",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transition",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "handoffs_transitionevent" ("access_on", "accountable_on", "announced_on", "back_up_until", "because", "cancelled_at", "cancelled_because", "cancelled_by_id", "deal_id", "ended_at", "id", "kind", "last_day", "name", "opened_at", "opened_by_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "return_on", "started_at", "started_by_id", "submitted_at", "submitted_by_id", "sudden", "undone_at", "undone_by_id") SELECT new_values."access_on", new_values."accountable_on", new_values."announced_on", new_values."back_up_until", new_values."because", new_values."cancelled_at", new_values."cancelled_because", new_values."cancelled_by_id", new_values."deal_id", new_values."ended_at", new_values."id", new_values."kind", new_values."last_day", new_values."name", new_values."opened_at", new_values."opened_by_id", new_values."person_id", _pgh_attached_context.value, accounts_now(), \'insert\', new_values."id", new_values."return_on", new_values."started_at", new_values."started_by_id", new_values."submitted_at", new_values."submitted_by_id", new_values."sudden", new_values."undone_at", new_values."undone_by_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="46b37b2de0cc4bc52c5ca887b6d18644a81f6201",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_80f91",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="handoffs_transition",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transition",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "handoffs_transitionevent" ("access_on", "accountable_on", "announced_on", "back_up_until", "because", "cancelled_at", "cancelled_because", "cancelled_by_id", "deal_id", "ended_at", "id", "kind", "last_day", "name", "opened_at", "opened_by_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "return_on", "started_at", "started_by_id", "submitted_at", "submitted_by_id", "sudden", "undone_at", "undone_by_id") SELECT new_values."access_on", new_values."accountable_on", new_values."announced_on", new_values."back_up_until", new_values."because", new_values."cancelled_at", new_values."cancelled_because", new_values."cancelled_by_id", new_values."deal_id", new_values."ended_at", new_values."id", new_values."kind", new_values."last_day", new_values."name", new_values."opened_at", new_values."opened_by_id", new_values."person_id", _pgh_attached_context.value, accounts_now(), \'update\', new_values."id", new_values."return_on", new_values."started_at", new_values."started_by_id", new_values."submitted_at", new_values."submitted_by_id", new_values."sudden", new_values."undone_at", new_values."undone_by_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="437407a393ceaadee23a8e8a85ea668e8e8e2f6c",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ff633",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="handoffs_transition",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transition",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "handoffs_transitionevent" ("access_on", "accountable_on", "announced_on", "back_up_until", "because", "cancelled_at", "cancelled_because", "cancelled_by_id", "deal_id", "ended_at", "id", "kind", "last_day", "name", "opened_at", "opened_by_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "return_on", "started_at", "started_by_id", "submitted_at", "submitted_by_id", "sudden", "undone_at", "undone_by_id") SELECT old_values."access_on", old_values."accountable_on", old_values."announced_on", old_values."back_up_until", old_values."because", old_values."cancelled_at", old_values."cancelled_because", old_values."cancelled_by_id", old_values."deal_id", old_values."ended_at", old_values."id", old_values."kind", old_values."last_day", old_values."name", old_values."opened_at", old_values."opened_by_id", old_values."person_id", _pgh_attached_context.value, accounts_now(), \'delete\', old_values."id", old_values."return_on", old_values."started_at", old_values."started_by_id", old_values."submitted_at", old_values."submitted_by_id", old_values."sudden", old_values."undone_at", old_values."undone_by_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="cb302824cf88c67fb0c146121c40ca4ddd78f00a",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_8e70b",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="handoffs_transition",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="move",
            constraint=models.UniqueConstraint(fields=("transition", "account", "role"), name="move_once"),
        ),
        migrations.AddConstraint(
            model_name="move",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("incoming", None),
                    models.Q(("incoming", models.F("outgoing")), _negated=True),
                    _connector="OR",
                ),
                name="move_changes_hands",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoff",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cancelled_at", None), ("moved_at", None), ("refused_at", None)),
                fields=("account", "role"),
                name="handoff_one_open",
                violation_error_message="There is already an open handoff for this account and role.",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("moved_at", None), ("refused_at", None)),
                    models.Q(("cancelled_at", None), ("moved_at", None)),
                    models.Q(("cancelled_at", None), ("refused_at", None)),
                    _connector="OR",
                ),
                name="handoff_ends_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("moved_at", None),
                    models.Q(
                        ("coverage__isnull", False),
                        models.Q(
                            ("accepted_at__isnull", False), ("overridden_at__isnull", False), _connector="OR"
                        ),
                    ),
                    _connector="OR",
                ),
                name="handoff_moves_when_read_back_or_overridden",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("overridden_at", None),
                    models.Q(
                        ("overridden_by__isnull", False),
                        models.Q(("overridden_by", models.F("incoming")), _negated=True),
                        models.Q(("overridden_because", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="handoff_override_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_at", None), ("accepted_by", None)),
                    models.Q(
                        ("accepted_at__isnull", False),
                        ("accepted_by__isnull", False),
                        models.Q(("accepted_by", models.F("incoming")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="handoff_accepted_by_a_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoff",
            constraint=models.CheckConstraint(
                condition=models.Q(("incoming", models.F("outgoing")), _negated=True),
                name="handoff_changes_hands",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="handoff",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "handoffs_handoffevent" ("accepted_at", "accepted_by_id", "access_at", "access_on", "account_id", "accountable_on", "announce_on", "announced_at", "announced_by_id", "back_up_until", "cancelled_at", "cancelled_because", "cancelled_by_id", "confirmed_at", "confirmed_by_id", "coverage_id", "follows_id", "id", "incoming_id", "move_id", "moved_at", "opened_at", "outgoing_id", "overridden_at", "overridden_because", "overridden_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "refused_at", "refused_because", "role", "taken_back_at", "transition_id", "written_at", "written_by_id") SELECT new_values."accepted_at", new_values."accepted_by_id", new_values."access_at", new_values."access_on", new_values."account_id", new_values."accountable_on", new_values."announce_on", new_values."announced_at", new_values."announced_by_id", new_values."back_up_until", new_values."cancelled_at", new_values."cancelled_because", new_values."cancelled_by_id", new_values."confirmed_at", new_values."confirmed_by_id", new_values."coverage_id", new_values."follows_id", new_values."id", new_values."incoming_id", new_values."move_id", new_values."moved_at", new_values."opened_at", new_values."outgoing_id", new_values."overridden_at", new_values."overridden_because", new_values."overridden_by_id", _pgh_attached_context.value, accounts_now(), \'insert\', new_values."id", new_values."refused_at", new_values."refused_because", new_values."role", new_values."taken_back_at", new_values."transition_id", new_values."written_at", new_values."written_by_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="17ad05100db588a8e89ce5df8d974153d1536019",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_392a4",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="handoffs_handoff",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="handoff",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "handoffs_handoffevent" ("accepted_at", "accepted_by_id", "access_at", "access_on", "account_id", "accountable_on", "announce_on", "announced_at", "announced_by_id", "back_up_until", "cancelled_at", "cancelled_because", "cancelled_by_id", "confirmed_at", "confirmed_by_id", "coverage_id", "follows_id", "id", "incoming_id", "move_id", "moved_at", "opened_at", "outgoing_id", "overridden_at", "overridden_because", "overridden_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "refused_at", "refused_because", "role", "taken_back_at", "transition_id", "written_at", "written_by_id") SELECT new_values."accepted_at", new_values."accepted_by_id", new_values."access_at", new_values."access_on", new_values."account_id", new_values."accountable_on", new_values."announce_on", new_values."announced_at", new_values."announced_by_id", new_values."back_up_until", new_values."cancelled_at", new_values."cancelled_because", new_values."cancelled_by_id", new_values."confirmed_at", new_values."confirmed_by_id", new_values."coverage_id", new_values."follows_id", new_values."id", new_values."incoming_id", new_values."move_id", new_values."moved_at", new_values."opened_at", new_values."outgoing_id", new_values."overridden_at", new_values."overridden_because", new_values."overridden_by_id", _pgh_attached_context.value, accounts_now(), \'update\', new_values."id", new_values."refused_at", new_values."refused_because", new_values."role", new_values."taken_back_at", new_values."transition_id", new_values."written_at", new_values."written_by_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="7ec10b30d19e041b718f3271e04d0ffbe385da66",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_bc55f",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="handoffs_handoff",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="handoff",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "handoffs_handoffevent" ("accepted_at", "accepted_by_id", "access_at", "access_on", "account_id", "accountable_on", "announce_on", "announced_at", "announced_by_id", "back_up_until", "cancelled_at", "cancelled_because", "cancelled_by_id", "confirmed_at", "confirmed_by_id", "coverage_id", "follows_id", "id", "incoming_id", "move_id", "moved_at", "opened_at", "outgoing_id", "overridden_at", "overridden_because", "overridden_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "refused_at", "refused_because", "role", "taken_back_at", "transition_id", "written_at", "written_by_id") SELECT old_values."accepted_at", old_values."accepted_by_id", old_values."access_at", old_values."access_on", old_values."account_id", old_values."accountable_on", old_values."announce_on", old_values."announced_at", old_values."announced_by_id", old_values."back_up_until", old_values."cancelled_at", old_values."cancelled_because", old_values."cancelled_by_id", old_values."confirmed_at", old_values."confirmed_by_id", old_values."coverage_id", old_values."follows_id", old_values."id", old_values."incoming_id", old_values."move_id", old_values."moved_at", old_values."opened_at", old_values."outgoing_id", old_values."overridden_at", old_values."overridden_because", old_values."overridden_by_id", _pgh_attached_context.value, accounts_now(), \'delete\', old_values."id", old_values."refused_at", old_values."refused_because", old_values."role", old_values."taken_back_at", old_values."transition_id", old_values."written_at", old_values."written_by_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="bfa35a3b7fcdebef50f1f1aef393a61943edb805",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_85069",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="handoffs_handoff",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("handoff__isnull", True), ("transition__isnull", False)),
                    models.Q(
                        ("brief__isnull", False), ("handoff__isnull", False), ("transition__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="approval_of_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved", True), models.Q(("because", ""), _negated=True), _connector="OR"
                ),
                name="approval_return_says_why",
            ),
        ),
        migrations.CreateModel(
            name="ChecklistItemEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("ticked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ticked_words",
                    accounts.models.fields.LineField(blank=True, db_default="", default="", max_length=500),
                ),
                ("waived_at", models.DateTimeField(blank=True, null=True)),
                ("waived_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                (
                    "handoff",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="handoffs.handoff",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="handoff_ticked_at_ticked_by_ticked_words_waived_at_waived_by_waived_because_events",
                        to="handoffs.checklistitem",
                    ),
                ),
                (
                    "ticked_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "waived_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="checklistitem",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "handoffs_checklistitemevent" ("handoff_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ticked_at", "ticked_by_id", "ticked_words", "waived_at", "waived_because", "waived_by_id") SELECT new_values."handoff_id", _pgh_attached_context.value, accounts_now(), \'update\', new_values."id", new_values."ticked_at", new_values."ticked_by_id", new_values."ticked_words", new_values."waived_at", new_values."waived_because", new_values."waived_by_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."handoff_id" IS DISTINCT FROM (new_values."handoff_id") OR old_values."ticked_at" IS DISTINCT FROM (new_values."ticked_at") OR old_values."ticked_by_id" IS DISTINCT FROM (new_values."ticked_by_id") OR old_values."ticked_words" IS DISTINCT FROM (new_values."ticked_words") OR old_values."waived_at" IS DISTINCT FROM (new_values."waived_at") OR old_values."waived_because" IS DISTINCT FROM (new_values."waived_because") OR old_values."waived_by_id" IS DISTINCT FROM (new_values."waived_by_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="5ad513fc9d03123c08af2b7144677c79724d1f2f",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_51afe",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="handoffs_checklistitem",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ticked_at", None),
                    ("required", False),
                    models.Q(("ticked_words", ""), _negated=True),
                    _connector="OR",
                ),
                name="item_that_must_survive_is_ticked_in_words",
                violation_error_message="Say in a sentence what was done. It stays on the record.",
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("end__isnull", False),
                        ("entry__isnull", False),
                        ("proof", "sorted"),
                        ("start__isnull", False),
                    ),
                    models.Q(
                        models.Q(("proof", "sorted"), _negated=True),
                        ("end", None),
                        ("entry", None),
                        ("start", None),
                    ),
                    _connector="OR",
                ),
                name="item_of_a_passage_says_where",
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.UniqueConstraint(
                fields=("handoff", "entry", "start"), name="item_once_for_a_passage"
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("proof__in", ["settled", "rest_sorted", "told"])),
                fields=("handoff", "proof", "topic", "contact"),
                name="item_once_for_what_is_found",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="templateitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("proof__in", ["sorted", "rest_sorted", "settled", "told", "taken_on"]), _negated=True
                ),
                name="template_asks_nothing_that_the_memory_asks",
            ),
        ),
        migrations.CreateModel(
            name="Inquiry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", accounts.models.fields.LineField(blank=True, max_length=500)),
                ("about", accounts.models.fields.WordsField(blank=True)),
                ("question", accounts.models.fields.WordsField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "handoff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inquiries",
                        to="handoffs.handoff",
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inquiries",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "inquiries",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="InquiryAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inquiry_answer",
                        to="accounts.entry",
                    ),
                ),
                (
                    "fact",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inquiry_answer",
                        to="accounts.fact",
                    ),
                ),
                (
                    "inquiry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="handoffs.inquiry",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(("to", models.F("by")), _negated=True), name="inquiry_asks_somebody_else"
            ),
        ),
    ]
