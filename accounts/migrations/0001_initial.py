"""The models, as `makemigrations` writes them, after what they lean on: extensions of PostgreSQL, and the clock."""

import uuid

import django.contrib.messages.storage.cookie
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations, models

import accounts.models.fields
import accounts.models.offboarding
import accounts.models.organisation
import accounts.rules.clocks

# One clock for history, the other triggers and the verbs. The tables' owner owns it, so the site cannot set it.
CLOCK = """
CREATE FUNCTION accounts_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(CLOCK),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "email",
                    accounts.models.fields.AddressField(max_length=254, unique=True, verbose_name="e-mail"),
                ),
                ("name", accounts.models.fields.LineField(max_length=200)),
                (
                    "kind",
                    accounts.models.fields.LineField(
                        choices=[
                            ("rep", "Rep"),
                            ("manager", "Manager"),
                            ("operations", "Operations"),
                            ("customer", "Customer"),
                        ],
                        default="rep",
                        max_length=12,
                    ),
                ),
                ("title", accounts.models.fields.LineField(blank=True, max_length=200)),
                ("phone", accounts.models.fields.LineField(blank=True, max_length=60)),
                (
                    "region",
                    accounts.models.fields.LineField(
                        blank=True, help_text="Where they work from, for choosing successors.", max_length=120
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                (
                    "access_ended_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="From then on no door opens, whoever still has what they held.",
                        null=True,
                    ),
                ),
                ("joined_at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                ("deactivated_at", models.DateTimeField(blank=True, null=True)),
                ("deactivated_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                ("external_id", accounts.models.fields.LineField(blank=True, max_length=120)),
                (
                    "deactivated_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reports_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "notice_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="Since then they are leaving, by an open departure.",
                        null=True,
                    ),
                ),
                (
                    "leaves_on",
                    models.DateField(blank=True, editable=False, help_text="Their last day.", null=True),
                ),
                (
                    "away_from",
                    models.DateField(blank=True, editable=False, help_text="First day of leave.", null=True),
                ),
                (
                    "back_on",
                    models.DateField(blank=True, editable=False, help_text="Back from leave.", null=True),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", accounts.models.fields.LineField(max_length=255)),
                ("industry", accounts.models.fields.LineField(blank=True, max_length=120)),
                ("region", accounts.models.fields.LineField(blank=True, max_length=120)),
                (
                    "segment",
                    accounts.models.fields.LineField(
                        blank=True, help_text="Such as enterprise, mid-market or small.", max_length=60
                    ),
                ),
                ("country", accounts.models.fields.LineField(blank=True, max_length=120)),
                (
                    "address",
                    accounts.models.fields.LineField(
                        blank=True, help_text="Street and number, and the place.", max_length=300
                    ),
                ),
                ("phone", accounts.models.fields.LineField(blank=True, max_length=60)),
                ("website", accounts.models.fields.LineField(blank=True, max_length=255)),
                ("employees", models.PositiveIntegerField(blank=True, null=True)),
                ("revenue", models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True)),
                (
                    "founded",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="founded in"),
                ),
                (
                    "time_zone",
                    accounts.models.fields.LineField(
                        default="UTC",
                        max_length=64,
                        validators=[accounts.models.organisation.validate_time_zone],
                    ),
                ),
                ("external_id", accounts.models.fields.LineField(blank=True, max_length=120)),
                ("created_at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                (
                    "condition",
                    accounts.models.fields.LineField(
                        blank=True,
                        choices=[("steady", "Steady"), ("watch", "Watch"), ("urgent", "Urgent")],
                        max_length=8,
                    ),
                ),
                ("condition_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                ("condition_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("closed_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "condition_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="accounts.account",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subsidiaries",
                        to="accounts.account",
                    ),
                ),
            ],
            options={
                "ordering": [django.db.models.functions.text.Lower("name")],
            },
        ),
        migrations.CreateModel(
            name="AccountEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name", accounts.models.fields.LineField(max_length=255)),
                ("industry", accounts.models.fields.LineField(blank=True, max_length=120)),
                ("region", accounts.models.fields.LineField(blank=True, max_length=120)),
                (
                    "segment",
                    accounts.models.fields.LineField(
                        blank=True, help_text="Such as enterprise, mid-market or small.", max_length=60
                    ),
                ),
                ("country", accounts.models.fields.LineField(blank=True, max_length=120)),
                (
                    "address",
                    accounts.models.fields.LineField(
                        blank=True, help_text="Street and number, and the place.", max_length=300
                    ),
                ),
                ("phone", accounts.models.fields.LineField(blank=True, max_length=60)),
                ("website", accounts.models.fields.LineField(blank=True, max_length=255)),
                ("employees", models.PositiveIntegerField(blank=True, null=True)),
                ("revenue", models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True)),
                (
                    "founded",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="founded in"),
                ),
                (
                    "time_zone",
                    accounts.models.fields.LineField(
                        default="UTC",
                        max_length=64,
                        validators=[accounts.models.organisation.validate_time_zone],
                    ),
                ),
                ("external_id", accounts.models.fields.LineField(blank=True, max_length=120)),
                ("created_at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                (
                    "condition",
                    accounts.models.fields.LineField(
                        blank=True,
                        choices=[("steady", "Steady"), ("watch", "Watch"), ("urgent", "Urgent")],
                        max_length=8,
                    ),
                ),
                ("condition_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                ("condition_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("closed_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                (
                    "closed_by",
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
                    "condition_by",
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
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.account",
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
                        to="accounts.account",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Cadence",
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
                        ],
                        max_length=8,
                    ),
                ),
                ("every_days", models.PositiveSmallIntegerField(verbose_name="every so many days")),
                ("set_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cadences",
                        to="accounts.account",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["account", "role"],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "imported_from",
                    accounts.models.fields.LineField(
                        blank=True, db_default="", default="", editable=False, max_length=400
                    ),
                ),
                (
                    "imported_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("name", accounts.models.fields.LineField(max_length=200)),
                (
                    "say_name",
                    accounts.models.fields.LineField(
                        blank=True, max_length=200, verbose_name="how to say it"
                    ),
                ),
                (
                    "name_locked",
                    models.BooleanField(default=False, verbose_name="keep this spelling when importing"),
                ),
                (
                    "spelled_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When they told us themselves how to write all this.",
                        null=True,
                    ),
                ),
                ("title", accounts.models.fields.LineField(blank=True, max_length=200)),
                (
                    "email",
                    accounts.models.fields.AddressField(blank=True, max_length=254, verbose_name="e-mail"),
                ),
                ("phone", accounts.models.fields.LineField(blank=True, max_length=60)),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=accounts.models.fields.LineField(
                            choices=[
                                ("champion", "Champion"),
                                ("economic_buyer", "Economic buyer"),
                                ("decision_maker", "Decision maker"),
                                ("technical_evaluator", "Technical evaluator"),
                                ("user", "User"),
                                ("procurement", "Procurement"),
                                ("blocker", "Blocker"),
                            ],
                            max_length=24,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="part they play",
                    ),
                ),
                (
                    "strength",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[
                            (1, "Friendly: wishes us well"),
                            (2, "Supportive: speaks for us when asked"),
                            (3, "Selling: argues for us when we are not in the room"),
                        ],
                        null=True,
                        verbose_name="strength as champion",
                    ),
                ),
                ("evidence", accounts.models.fields.WordsField(blank=True, verbose_name="what shows it")),
                (
                    "cost",
                    accounts.models.fields.WordsField(
                        blank=True, verbose_name="what it cost them to stand up for us"
                    ),
                ),
                ("left_on", models.DateField(blank=True, null=True, verbose_name="left their company on")),
                (
                    "went_to",
                    accounts.models.fields.LineField(
                        blank=True, max_length=200, verbose_name="where they went"
                    ),
                ),
                ("external_id", accounts.models.fields.LineField(blank=True, max_length=120)),
                ("created_at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                ("erased_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="accounts.account",
                    ),
                ),
            ],
            options={
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Ask",
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
                            ("feedback", "Feedback: what do you think of it?"),
                            ("answers", "Answers to our questions"),
                            ("reference", "A reference or an introduction"),
                            ("favour", "Another favour"),
                            ("choice", "Would you make the same choice?"),
                        ],
                        max_length=9,
                    ),
                ),
                ("what", accounts.models.fields.WordsField()),
                ("at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="asks",
                        to="accounts.account",
                    ),
                ),
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
                        blank=True,
                        help_text="Whom we asked.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="asks",
                        to="accounts.contact",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="user",
            name="contact",
            field=models.OneToOneField(
                blank=True,
                help_text="For a customer's sign-in: who they are on their account.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="user",
                to="accounts.contact",
            ),
        ),
        migrations.CreateModel(
            name="ContactEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "imported_from",
                    accounts.models.fields.LineField(
                        blank=True, db_default="", default="", editable=False, max_length=400
                    ),
                ),
                (
                    "imported_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("name", accounts.models.fields.LineField(max_length=200)),
                (
                    "say_name",
                    accounts.models.fields.LineField(
                        blank=True, max_length=200, verbose_name="how to say it"
                    ),
                ),
                (
                    "name_locked",
                    models.BooleanField(default=False, verbose_name="keep this spelling when importing"),
                ),
                (
                    "spelled_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When they told us themselves how to write all this.",
                        null=True,
                    ),
                ),
                ("title", accounts.models.fields.LineField(blank=True, max_length=200)),
                (
                    "email",
                    accounts.models.fields.AddressField(blank=True, max_length=254, verbose_name="e-mail"),
                ),
                ("phone", accounts.models.fields.LineField(blank=True, max_length=60)),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=accounts.models.fields.LineField(
                            choices=[
                                ("champion", "Champion"),
                                ("economic_buyer", "Economic buyer"),
                                ("decision_maker", "Decision maker"),
                                ("technical_evaluator", "Technical evaluator"),
                                ("user", "User"),
                                ("procurement", "Procurement"),
                                ("blocker", "Blocker"),
                            ],
                            max_length=24,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="part they play",
                    ),
                ),
                (
                    "strength",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[
                            (1, "Friendly: wishes us well"),
                            (2, "Supportive: speaks for us when asked"),
                            (3, "Selling: argues for us when we are not in the room"),
                        ],
                        null=True,
                        verbose_name="strength as champion",
                    ),
                ),
                ("evidence", accounts.models.fields.WordsField(blank=True, verbose_name="what shows it")),
                (
                    "cost",
                    accounts.models.fields.WordsField(
                        blank=True, verbose_name="what it cost them to stand up for us"
                    ),
                ),
                ("left_on", models.DateField(blank=True, null=True, verbose_name="left their company on")),
                (
                    "went_to",
                    accounts.models.fields.LineField(
                        blank=True, max_length=200, verbose_name="where they went"
                    ),
                ),
                ("external_id", accounts.models.fields.LineField(blank=True, max_length=120)),
                ("created_at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                ("erased_at", models.DateTimeField(blank=True, editable=False, null=True)),
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
                        to="accounts.contact",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Context",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", accounts.models.fields.LineField(max_length=300)),
                ("until", models.DateField()),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contexts",
                        to="accounts.contact",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ContextEnd",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "context",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ended",
                        to="accounts.context",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Coverage",
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
                (
                    "acting",
                    models.BooleanField(
                        default=False, help_text="Answers for it in the meantime and has not read it back."
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("started_because", accounts.models.fields.LineField(max_length=500)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="coverage",
                        to="accounts.account",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "follows",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed_by",
                        to="accounts.coverage",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="coverage",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-started_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Deal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "imported_from",
                    accounts.models.fields.LineField(
                        blank=True, db_default="", default="", editable=False, max_length=400
                    ),
                ),
                (
                    "imported_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "kind",
                    accounts.models.fields.LineField(
                        choices=[("opportunity", "Opportunity"), ("renewal", "Renewal")],
                        default="opportunity",
                        max_length=12,
                    ),
                ),
                ("type", accounts.models.fields.LineField(blank=True, max_length=60)),
                ("name", accounts.models.fields.LineField(max_length=255)),
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
                ("stage", accounts.models.fields.LineField(blank=True, max_length=60)),
                ("product", accounts.models.fields.LineField(blank=True, max_length=120)),
                ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True)),
                ("currency", accounts.models.fields.LineField(default="EUR", max_length=3)),
                ("engaged_on", models.DateField(blank=True, null=True)),
                ("expected_close", models.DateField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    accounts.models.fields.LineField(
                        blank=True,
                        choices=[("won", "Won"), ("lost", "Lost"), ("dropped", "Dropped")],
                        max_length=8,
                    ),
                ),
                ("external_id", accounts.models.fields.LineField(blank=True, max_length=120)),
                ("created_at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deals",
                        to="accounts.account",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deals",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["expected_close", "pk"],
            },
        ),
        migrations.CreateModel(
            name="DealEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "imported_from",
                    accounts.models.fields.LineField(
                        blank=True, db_default="", default="", editable=False, max_length=400
                    ),
                ),
                (
                    "imported_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "kind",
                    accounts.models.fields.LineField(
                        choices=[("opportunity", "Opportunity"), ("renewal", "Renewal")],
                        default="opportunity",
                        max_length=12,
                    ),
                ),
                ("type", accounts.models.fields.LineField(blank=True, max_length=60)),
                ("name", accounts.models.fields.LineField(max_length=255)),
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
                ("stage", accounts.models.fields.LineField(blank=True, max_length=60)),
                ("product", accounts.models.fields.LineField(blank=True, max_length=120)),
                ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True)),
                ("currency", accounts.models.fields.LineField(default="EUR", max_length=3)),
                ("engaged_on", models.DateField(blank=True, null=True)),
                ("expected_close", models.DateField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    accounts.models.fields.LineField(
                        blank=True,
                        choices=[("won", "Won"), ("lost", "Lost"), ("dropped", "Dropped")],
                        max_length=8,
                    ),
                ),
                ("external_id", accounts.models.fields.LineField(blank=True, max_length=120)),
                ("created_at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
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
                    "holder",
                    models.ForeignKey(
                        db_constraint=False,
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
                        to="accounts.deal",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "imported_from",
                    accounts.models.fields.LineField(
                        blank=True, db_default="", default="", editable=False, max_length=400
                    ),
                ),
                (
                    "imported_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "kind",
                    accounts.models.fields.LineField(
                        choices=[
                            ("conversation", "Conversation"),
                            ("email", "E-mail"),
                            ("visit", "Visit"),
                            ("note", "Note"),
                            ("web", "Web visit"),
                            ("executive", "Executive contact"),
                            ("thanks", "Thank-you"),
                            ("win", "Win"),
                            ("stage", "Stage"),
                            ("coverage", "Change of hands"),
                            ("obligation", "What we owe"),
                            ("fact", "What we know"),
                            ("change", "Change to the account"),
                            ("automatic", "Automatic mail"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="happened at")),
                ("recorded_at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                (
                    "author_name",
                    accounts.models.fields.LineField(
                        blank=True, help_text="An author we have no sign-in for.", max_length=200
                    ),
                ),
                ("subject", accounts.models.fields.LineField(blank=True, max_length=300)),
                ("text", accounts.models.fields.WordsField(blank=True)),
                (
                    "stage",
                    accounts.models.fields.LineField(
                        blank=True,
                        choices=[
                            ("learning", "Learning"),
                            ("evaluating", "Evaluating"),
                            ("deciding", "Deciding"),
                            ("onboarding", "Onboarding"),
                            ("in_value", "In value"),
                            ("renewal", "Renewal"),
                            ("at_risk", "At risk"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "step",
                    accounts.models.fields.LineField(
                        blank=True, help_text="What was done to the obligation.", max_length=12
                    ),
                ),
                ("external_id", accounts.models.fields.LineField(blank=True, max_length=120)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="accounts.account",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "author_contact",
                    models.ForeignKey(
                        blank=True,
                        help_text="A customer wrote it.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.contact",
                    ),
                ),
                (
                    "coverage",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="accounts.coverage",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "entries",
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("accounts.entry",),
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                ("because", accounts.models.fields.LineField(max_length=500)),
                (
                    "marks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=accounts.models.fields.LineField(max_length=64),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="erasures",
                        to="accounts.contact",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Fact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", accounts.models.fields.WordsField()),
                (
                    "provenance",
                    accounts.models.fields.LineField(
                        choices=[
                            ("told", "Told by the customer"),
                            ("inferred", "Inferred by us"),
                            ("to_confirm", "Still to confirm"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                ("review_on", models.DateField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facts",
                        to="accounts.account",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who told us.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facts",
                        to="accounts.contact",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facts",
                        to="accounts.entry",
                    ),
                ),
                (
                    "supersedes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="accounts.fact",
                    ),
                ),
            ],
            options={
                "ordering": ["topic__position", "-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.contact",
                    ),
                ),
                (
                    "fact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confirmations",
                        to="accounts.fact",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AskedAgain",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField()),
                (
                    "ask",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="asked_again",
                        to="accounts.ask",
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
                        help_text="Its line on the thread.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="asked_again",
                        to="accounts.entry",
                    ),
                ),
                (
                    "fact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="asked_again",
                        to="accounts.fact",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                ("answers", models.JSONField(blank=True, default=dict)),
                (
                    "preview",
                    models.JSONField(
                        blank=True, default=dict, help_text="What the plan said when it was last made."
                    ),
                ),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
                ("discarded_at", models.DateTimeField(blank=True, null=True)),
                (
                    "applied_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "discarded_by",
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
                "verbose_name_plural": "import batches",
                "ordering": ["-created_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ImportMapping",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", accounts.models.fields.LineField(max_length=120)),
                ("shape", accounts.models.fields.LineField(max_length=64)),
                ("kind", accounts.models.fields.LineField(max_length=12)),
                ("columns", models.JSONField(default=dict)),
                ("saved_at", models.DateTimeField(default=accounts.rules.clocks.now)),
                (
                    "saved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "indexes": [models.Index(fields=["shape"], name="import_mapping_shape")],
                "constraints": [
                    models.UniqueConstraint(fields=("saved_by", "name"), name="import_mapping_name_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("name", accounts.models.fields.LineField(max_length=255)),
                ("kind", accounts.models.fields.LineField(blank=True, max_length=12)),
                ("sentence", accounts.models.fields.WordsField(blank=True)),
                (
                    "because",
                    accounts.models.fields.WordsField(blank=True, help_text="Why it is taken to hold that."),
                ),
                (
                    "offers",
                    models.JSONField(
                        default=dict, help_text="By place: what an unused column may be, and why."
                    ),
                ),
                (
                    "mapping",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="accounts.importmapping",
                    ),
                ),
                (
                    "said_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("encoding", accounts.models.fields.LineField(blank=True, max_length=40)),
                ("encoding_because", accounts.models.fields.LineField(blank=True, max_length=300)),
                ("delimiter", models.CharField(blank=True, max_length=1)),
                (
                    "header",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=accounts.models.fields.WordsField(), default=list, size=None
                    ),
                ),
                ("columns", models.JSONField(default=dict)),
                ("row_count", models.PositiveIntegerField(default=0)),
                (
                    "data",
                    models.BinaryField(
                        help_text="As it came, to be read again in another encoding; until applied.",
                        null=True,
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="accounts.importbatch",
                    ),
                ),
            ],
            options={
                "ordering": ["batch", "position"],
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "hint",
                    accounts.models.fields.WordsField(
                        blank=True, help_text="What operations alone read: where it may belong."
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("line", models.PositiveIntegerField()),
                (
                    "cells",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=accounts.models.fields.WordsField(), size=None
                    ),
                ),
                (
                    "state",
                    accounts.models.fields.LineField(
                        blank=True,
                        choices=[
                            ("new", "New"),
                            ("changed", "Changed"),
                            ("unchanged", "Unchanged"),
                            ("aside", "Left aside"),
                            ("ignored", "Ignored"),
                        ],
                        max_length=9,
                    ),
                ),
                ("because", accounts.models.fields.WordsField(blank=True)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rows",
                        to="accounts.importfile",
                    ),
                ),
            ],
            options={
                "ordering": ["file", "number"],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "address",
                    accounts.models.fields.AddressField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Where it goes, if not to their address of that day.",
                        max_length=254,
                    ),
                ),
                ("subject", accounts.models.fields.LineField(max_length=200)),
                ("text", accounts.models.fields.WordsField()),
                (
                    "page",
                    accounts.models.fields.LineField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="The page that it speaks of.",
                        max_length=200,
                    ),
                ),
                (
                    "held_because",
                    accounts.models.fields.LineField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Why it may not go yet. Empty: it may.",
                        max_length=300,
                    ),
                ),
                ("written_at", models.DateTimeField()),
                (
                    "digest_on",
                    models.DateField(blank=True, help_text="This letter is that day's digest.", null=True),
                ),
                (
                    "next_try_at",
                    models.DateTimeField(
                        blank=True, help_text="Empty: it is not tried by itself.", null=True
                    ),
                ),
                (
                    "claimed_until",
                    models.DateTimeField(
                        blank=True, help_text="Until then a worker has it in hand.", null=True
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(db_default=0, default=0)),
                (
                    "failed_because",
                    accounts.models.fields.LineField(blank=True, db_default="", default="", max_length=500),
                ),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("given_up_at", models.DateTimeField(blank=True, null=True)),
                (
                    "given_up_because",
                    accounts.models.fields.LineField(blank=True, db_default="", default="", max_length=500),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="accounts.account",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        help_text="Whom it goes to, where they have no sign-in.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="accounts.contact",
                    ),
                ),
                (
                    "given_up_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="Nobody: it was given up by itself.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mentions",
                        to="accounts.contact",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mentions",
                        to="accounts.entry",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="entry",
            name="contacts",
            field=models.ManyToManyField(
                blank=True, related_name="entries", through="accounts.Mention", to="accounts.contact"
            ),
        ),
        migrations.CreateModel(
            name="Obligation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "imported_from",
                    accounts.models.fields.LineField(
                        blank=True, db_default="", default="", editable=False, max_length=400
                    ),
                ),
                (
                    "imported_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "kind",
                    accounts.models.fields.LineField(
                        choices=[
                            ("promise", "Promise"),
                            ("question", "Question"),
                            ("feedback", "Feedback"),
                            ("visit", "Visit"),
                            ("repair", "Repair"),
                            ("task", "Task"),
                        ],
                        max_length=8,
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
                ("text", accounts.models.fields.WordsField(verbose_name="exact words")),
                ("due", models.DateField(blank=True, null=True)),
                (
                    "starts_at",
                    models.DateTimeField(
                        blank=True,
                        null=True,
                    ),
                ),
                (
                    "note_asked_on",
                    models.DateField(blank=True, null=True),
                ),
                ("stretch", models.BooleanField(default=False, verbose_name="stretch: we said we would try")),
                (
                    "urgency",
                    accounts.models.fields.LineField(
                        choices=[("normal", "Normal"), ("soon", "Soon"), ("emergency", "Emergency")],
                        default="normal",
                        max_length=9,
                    ),
                ),
                ("raised_at", models.DateTimeField()),
                ("shared_at", models.DateTimeField(blank=True, null=True)),
                (
                    "severity",
                    accounts.models.fields.LineField(
                        blank=True,
                        choices=[
                            ("nuisance", "A nuisance"),
                            ("hinders", "It hinders them"),
                            ("stops", "They cannot go on"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "obstacle",
                    accounts.models.fields.LineField(
                        blank=True,
                        choices=[
                            ("term", "A term of ours"),
                            ("form", "A form of ours"),
                            ("payment", "How we take payment"),
                            ("other", "Another rule of ours"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "check_in",
                    models.PositiveSmallIntegerField(blank=True, null=True),
                ),
                ("broken_at", models.DateTimeField(blank=True, null=True)),
                ("respond_by", models.DateTimeField(blank=True, null=True)),
                ("escalated_at", models.DateTimeField(blank=True, null=True)),
                ("transfers", models.PositiveSmallIntegerField(default=0)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decision",
                    accounts.models.fields.LineField(
                        blank=True,
                        choices=[("yes", "Yes"), ("planned", "Planned"), ("no", "No")],
                        max_length=8,
                    ),
                ),
                ("lapses_on", models.DateField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    accounts.models.fields.LineField(
                        blank=True,
                        choices=[
                            ("kept", "Kept"),
                            ("released", "Released by the customer"),
                            ("agreed", "The customer agreed"),
                            ("lapsed", "Lapsed without an answer"),
                            ("held", "Held"),
                            ("done", "Done"),
                            ("dropped", "Dropped"),
                            ("account_closed", "Ended with the account"),
                            ("retracted", "Taken back with its note"),
                        ],
                        max_length=14,
                    ),
                ),
                ("external_id", accounts.models.fields.LineField(blank=True, max_length=120)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obligations",
                        to="accounts.account",
                    ),
                ),
                (
                    "after_coverage",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="check_ins",
                        to="accounts.coverage",
                    ),
                ),
                (
                    "after_deal",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="check_ins",
                        to="accounts.deal",
                    ),
                ),
                (
                    "agreed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.contact",
                    ),
                ),
                (
                    "broken_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cadence",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="accounts.cadence",
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obligations",
                        to="accounts.contact",
                    ),
                ),
                (
                    "escalated_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "fact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="accounts.fact",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obligations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": [models.OrderBy(models.F("due"), nulls_last=True), "pk"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="NotePart",
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="note_part",
                        to="accounts.entry",
                    ),
                ),
                (
                    "fact",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="note_part",
                        to="accounts.fact",
                    ),
                ),
                (
                    "obligation",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="note_part",
                        to="accounts.obligation",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="entry",
            name="obligation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="accounts.obligation",
            ),
        ),
        migrations.AddField(
            model_name="ask",
            name="check_in",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The check-in at day 90 that asks them whether they would make the same choice.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="asks",
                to="accounts.obligation",
            ),
        ),
        migrations.CreateModel(
            name="CustomerCase",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("accounts.obligation",),
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("accounts.obligation",),
        ),
        migrations.CreateModel(
            name="ObligationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "imported_from",
                    accounts.models.fields.LineField(
                        blank=True, db_default="", default="", editable=False, max_length=400
                    ),
                ),
                (
                    "imported_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "kind",
                    accounts.models.fields.LineField(
                        choices=[
                            ("promise", "Promise"),
                            ("question", "Question"),
                            ("feedback", "Feedback"),
                            ("visit", "Visit"),
                            ("repair", "Repair"),
                            ("task", "Task"),
                        ],
                        max_length=8,
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
                ("text", accounts.models.fields.WordsField(verbose_name="exact words")),
                ("due", models.DateField(blank=True, null=True)),
                (
                    "starts_at",
                    models.DateTimeField(
                        blank=True,
                        null=True,
                    ),
                ),
                (
                    "note_asked_on",
                    models.DateField(blank=True, null=True),
                ),
                ("stretch", models.BooleanField(default=False, verbose_name="stretch: we said we would try")),
                (
                    "urgency",
                    accounts.models.fields.LineField(
                        choices=[("normal", "Normal"), ("soon", "Soon"), ("emergency", "Emergency")],
                        default="normal",
                        max_length=9,
                    ),
                ),
                ("raised_at", models.DateTimeField()),
                ("shared_at", models.DateTimeField(blank=True, null=True)),
                (
                    "severity",
                    accounts.models.fields.LineField(
                        blank=True,
                        choices=[
                            ("nuisance", "A nuisance"),
                            ("hinders", "It hinders them"),
                            ("stops", "They cannot go on"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "obstacle",
                    accounts.models.fields.LineField(
                        blank=True,
                        choices=[
                            ("term", "A term of ours"),
                            ("form", "A form of ours"),
                            ("payment", "How we take payment"),
                            ("other", "Another rule of ours"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "check_in",
                    models.PositiveSmallIntegerField(blank=True, null=True),
                ),
                ("broken_at", models.DateTimeField(blank=True, null=True)),
                ("respond_by", models.DateTimeField(blank=True, null=True)),
                ("escalated_at", models.DateTimeField(blank=True, null=True)),
                ("transfers", models.PositiveSmallIntegerField(default=0)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decision",
                    accounts.models.fields.LineField(
                        blank=True,
                        choices=[("yes", "Yes"), ("planned", "Planned"), ("no", "No")],
                        max_length=8,
                    ),
                ),
                ("lapses_on", models.DateField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    accounts.models.fields.LineField(
                        blank=True,
                        choices=[
                            ("kept", "Kept"),
                            ("released", "Released by the customer"),
                            ("agreed", "The customer agreed"),
                            ("lapsed", "Lapsed without an answer"),
                            ("held", "Held"),
                            ("done", "Done"),
                            ("dropped", "Dropped"),
                            ("account_closed", "Ended with the account"),
                            ("retracted", "Taken back with its note"),
                        ],
                        max_length=14,
                    ),
                ),
                ("external_id", accounts.models.fields.LineField(blank=True, max_length=120)),
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
                    "after_coverage",
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
                    "after_deal",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.deal",
                    ),
                ),
                (
                    "agreed_by",
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
                    "broken_by",
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
                    "cadence",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.cadence",
                    ),
                ),
                (
                    "closed_by",
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
                    "contact",
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
                    "escalated_to",
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
                    "fact",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.fact",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        db_constraint=False,
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
                        to="accounts.obligation",
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        db_constraint=False,
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
            name="Offboarding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("because", accounts.models.fields.LineField(max_length=500)),
                ("started_at", models.DateTimeField(help_text="Their access ended.")),
                (
                    "tries",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="How often moving the book has failed."
                    ),
                ),
                ("failed_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                ("next_try_at", models.DateTimeField(default=accounts.models.offboarding.after_a_pause)),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, help_text="All they held has passed on.", null=True),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offboardings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("finished_at", None)),
                        fields=("person",),
                        name="offboarding_one_for_a_person",
                        violation_error_message="Somebody else has just ended this person's access.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("because", ""), _negated=True), name="offboarding_says_why"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", accounts.models.fields.LineField(max_length=200)),
                (
                    "time_zone",
                    accounts.models.fields.LineField(
                        default="UTC",
                        max_length=64,
                        validators=[accounts.models.organisation.validate_time_zone],
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "last_resort",
                    models.ForeignKey(
                        help_text="Approves when nobody else can, and receives what nobody else can hold.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Retraction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                ("because", accounts.models.fields.LineField(max_length=500)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retraction",
                        to="accounts.entry",
                    ),
                ),
                (
                    "fact",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retraction",
                        to="accounts.fact",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("started_at", models.DateTimeField()),
                ("used_at", models.DateTimeField()),
                (
                    "browser",
                    accounts.models.fields.LineField(
                        blank=True, help_text="What the browser said of itself.", max_length=300
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-used_at"],
            },
        ),
        migrations.CreateModel(
            name="SignInAttempt",
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
                        choices=[("asked", "Asked for a code"), ("guessed", "Typed a code")], max_length=8
                    ),
                ),
                ("address", accounts.models.fields.LineField(max_length=40)),
                ("source", accounts.models.fields.LineField(max_length=40)),
                ("at", models.DateTimeField()),
                (
                    "stranger",
                    models.BooleanField(help_text="From a browser on which this address never signed in."),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "at"], name="sign_in_attempt_recent")],
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", accounts.models.fields.LineField(max_length=32)),
                (
                    "digest",
                    accounts.models.fields.LineField(
                        help_text="Of the address and all that was sent.", max_length=64
                    ),
                ),
                ("at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                (
                    "location",
                    accounts.models.fields.WordsField(
                        blank=True, help_text="The page that answered; none where a part of a page did."
                    ),
                ),
                (
                    "messages",
                    models.JSONField(
                        decoder=django.contrib.messages.storage.cookie.MessageDecoder,
                        default=list,
                        encoder=django.contrib.messages.storage.cookie.MessageEncoder,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="submission_at")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "key"),
                        name="submission_once",
                        violation_error_message="This form was sent already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Share",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="share_row",
                        to="accounts.entry",
                    ),
                ),
                (
                    "fact",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="share_row",
                        to="accounts.fact",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                ("slug", accounts.models.fields.NameField(primary_key=True, serialize=False)),
                ("name", accounts.models.fields.LineField(max_length=120)),
                (
                    "question",
                    accounts.models.fields.LineField(
                        help_text="How one would ask the customer.", max_length=300
                    ),
                ),
                (
                    "must_survive",
                    models.BooleanField(
                        default=False, help_text="The next owner must show they know it when they read back."
                    ),
                ),
                (
                    "review_days",
                    models.PositiveSmallIntegerField(
                        default=180, help_text="After how many days to ask if it still holds."
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=100)),
                ("merged_at", models.DateTimeField(blank=True, null=True)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "merged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="accounts.topic",
                    ),
                ),
                (
                    "retired_by",
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
                "ordering": ["position", "name"],
            },
        ),
        migrations.AddField(
            model_name="fact",
            name="topic",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="facts", to="accounts.topic"
            ),
        ),
        migrations.CreateModel(
            name="TopicEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("slug", accounts.models.fields.NameField(db_index=False, serialize=False)),
                ("name", accounts.models.fields.LineField(max_length=120)),
                (
                    "question",
                    accounts.models.fields.LineField(
                        help_text="How one would ask the customer.", max_length=300
                    ),
                ),
                (
                    "must_survive",
                    models.BooleanField(
                        default=False, help_text="The next owner must show they know it when they read back."
                    ),
                ),
                (
                    "review_days",
                    models.PositiveSmallIntegerField(
                        default=180, help_text="After how many days to ask if it still holds."
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=100)),
                ("merged_at", models.DateTimeField(blank=True, null=True)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "merged_by",
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
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.topic",
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
                        to="accounts.topic",
                    ),
                ),
                (
                    "retired_by",
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
            name="UserEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("email", accounts.models.fields.AddressField(max_length=254, verbose_name="e-mail")),
                ("name", accounts.models.fields.LineField(max_length=200)),
                (
                    "kind",
                    accounts.models.fields.LineField(
                        choices=[
                            ("rep", "Rep"),
                            ("manager", "Manager"),
                            ("operations", "Operations"),
                            ("customer", "Customer"),
                        ],
                        default="rep",
                        max_length=12,
                    ),
                ),
                ("title", accounts.models.fields.LineField(blank=True, max_length=200)),
                ("is_active", models.BooleanField(default=True)),
                ("deactivated_at", models.DateTimeField(blank=True, null=True)),
                ("deactivated_because", accounts.models.fields.LineField(blank=True, max_length=500)),
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
                        related_name="email_name_kind_title_reports_to_is_active_deactivated_at_deactivated_because_events",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reports_to",
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
            name="Verdict",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "answer",
                    accounts.models.fields.LineField(
                        choices=[("yes", "Yes"), ("unsure", "Not sure"), ("no", "No")], max_length=6
                    ),
                ),
                ("words", accounts.models.fields.WordsField(blank=True)),
                ("at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verdicts",
                        to="accounts.account",
                    ),
                ),
                (
                    "ask",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The question it answers; none, when they said so unasked.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verdicts",
                        to="accounts.ask",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        help_text="The contact, or whoever reports it.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verdicts",
                        to="accounts.contact",
                    ),
                ),
                (
                    "coverage",
                    models.ForeignKey(
                        help_text="Who owned the account then.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verdicts",
                        to="accounts.coverage",
                    ),
                ),
                (
                    "follow_up",
                    models.ForeignKey(
                        blank=True,
                        help_text="What became of a doubt.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.obligation",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(django.db.models.functions.text.Lower("name"), name="account_name"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("external_id",),
                name="account_external_id_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_at", None),
                    models.Q(("closed_by__isnull", False), models.Q(("closed_because", ""), _negated=True)),
                    _connector="OR",
                ),
                name="account_closed_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("merged_into", None), ("closed_at__isnull", False), _connector="OR"),
                name="account_merged_is_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("condition", ""),
                    models.Q(
                        models.Q(("condition_because", ""), _negated=True), ("condition_by__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="account_condition_has_reason",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_accountevent" ("address", "closed_at", "closed_because", "closed_by_id", "condition", "condition_at", "condition_because", "condition_by_id", "country", "created_at", "employees", "external_id", "founded", "id", "industry", "merged_into_id", "name", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region", "revenue", "segment", "time_zone", "website") SELECT new_values."address", new_values."closed_at", new_values."closed_because", new_values."closed_by_id", new_values."condition", new_values."condition_at", new_values."condition_because", new_values."condition_by_id", new_values."country", new_values."created_at", new_values."employees", new_values."external_id", new_values."founded", new_values."id", new_values."industry", new_values."merged_into_id", new_values."name", new_values."parent_id", _pgh_attached_context.value, accounts_now(), \'insert\', new_values."id", new_values."phone", new_values."region", new_values."revenue", new_values."segment", new_values."time_zone", new_values."website" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="d4dbdd9043c1eb439a93c9867de91cc027b4d2ab",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_8b982",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="accounts_account",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_accountevent" ("address", "closed_at", "closed_because", "closed_by_id", "condition", "condition_at", "condition_because", "condition_by_id", "country", "created_at", "employees", "external_id", "founded", "id", "industry", "merged_into_id", "name", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region", "revenue", "segment", "time_zone", "website") SELECT new_values."address", new_values."closed_at", new_values."closed_because", new_values."closed_by_id", new_values."condition", new_values."condition_at", new_values."condition_because", new_values."condition_by_id", new_values."country", new_values."created_at", new_values."employees", new_values."external_id", new_values."founded", new_values."id", new_values."industry", new_values."merged_into_id", new_values."name", new_values."parent_id", _pgh_attached_context.value, accounts_now(), \'update\', new_values."id", new_values."phone", new_values."region", new_values."revenue", new_values."segment", new_values."time_zone", new_values."website" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="715fc64d3e984220248142b928eef5824103eab0",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_834ae",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="accounts_account",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_accountevent" ("address", "closed_at", "closed_because", "closed_by_id", "condition", "condition_at", "condition_because", "condition_by_id", "country", "created_at", "employees", "external_id", "founded", "id", "industry", "merged_into_id", "name", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region", "revenue", "segment", "time_zone", "website") SELECT old_values."address", old_values."closed_at", old_values."closed_because", old_values."closed_by_id", old_values."condition", old_values."condition_at", old_values."condition_because", old_values."condition_by_id", old_values."country", old_values."created_at", old_values."employees", old_values."external_id", old_values."founded", old_values."id", old_values."industry", old_values."merged_into_id", old_values."name", old_values."parent_id", _pgh_attached_context.value, accounts_now(), \'delete\', old_values."id", old_values."phone", old_values."region", old_values."revenue", old_values."segment", old_values."time_zone", old_values."website" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="1c0143bb1b94d7d4d1db5661ab875b8e5298d7f2",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f7f6a",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="accounts_account",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="cadence",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("account", "role"),
                name="cadence_one_per_role",
            ),
        ),
        migrations.AddConstraint(
            model_name="cadence",
            constraint=models.CheckConstraint(
                condition=models.Q(("every_days__gte", 1)), name="cadence_takes_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="cadence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_by", None)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="cadence_ended_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("external_id",),
                name="contact_external_id_once",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_contactevent" ("account_id", "cost", "created_at", "email", "erased_at", "evidence", "external_id", "id", "imported_by_id", "imported_from", "left_on", "name", "name_locked", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "roles", "say_name", "spelled_at", "strength", "title", "went_to") SELECT new_values."account_id", new_values."cost", new_values."created_at", new_values."email", new_values."erased_at", new_values."evidence", new_values."external_id", new_values."id", new_values."imported_by_id", new_values."imported_from", new_values."left_on", new_values."name", new_values."name_locked", _pgh_attached_context.value, accounts_now(), \'insert\', new_values."id", new_values."phone", new_values."roles", new_values."say_name", new_values."spelled_at", new_values."strength", new_values."title", new_values."went_to" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="1ab134b54d2437e3dfe3bcf54dbf5b8247b822a2",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_89558",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="accounts_contact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_contactevent" ("account_id", "cost", "created_at", "email", "erased_at", "evidence", "external_id", "id", "imported_by_id", "imported_from", "left_on", "name", "name_locked", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "roles", "say_name", "spelled_at", "strength", "title", "went_to") SELECT new_values."account_id", new_values."cost", new_values."created_at", new_values."email", new_values."erased_at", new_values."evidence", new_values."external_id", new_values."id", new_values."imported_by_id", new_values."imported_from", new_values."left_on", new_values."name", new_values."name_locked", _pgh_attached_context.value, accounts_now(), \'update\', new_values."id", new_values."phone", new_values."roles", new_values."say_name", new_values."spelled_at", new_values."strength", new_values."title", new_values."went_to" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="64dffe4b72b996fb8db4d5bac19c6f036831b219",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_15daf",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="accounts_contact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_contactevent" ("account_id", "cost", "created_at", "email", "erased_at", "evidence", "external_id", "id", "imported_by_id", "imported_from", "left_on", "name", "name_locked", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "roles", "say_name", "spelled_at", "strength", "title", "went_to") SELECT old_values."account_id", old_values."cost", old_values."created_at", old_values."email", old_values."erased_at", old_values."evidence", old_values."external_id", old_values."id", old_values."imported_by_id", old_values."imported_from", old_values."left_on", old_values."name", old_values."name_locked", _pgh_attached_context.value, accounts_now(), \'delete\', old_values."id", old_values."phone", old_values."roles", old_values."say_name", old_values."spelled_at", old_values."strength", old_values."title", old_values."went_to" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="801f4b5f9e5ff344c8610185bdea947557299e64",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_115a7",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="accounts_contact",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"), name="user_email_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("contact__isnull", False), ("kind", "customer")),
                    models.Q(models.Q(("kind", "customer"), _negated=True), ("contact__isnull", True)),
                    _connector="OR",
                ),
                name="user_customer_is_a_contact",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_userevent" ("deactivated_at", "deactivated_because", "email", "is_active", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reports_to_id", "title") SELECT new_values."deactivated_at", new_values."deactivated_because", new_values."email", new_values."is_active", new_values."kind", new_values."name", _pgh_attached_context.value, accounts_now(), \'insert\', new_values."id", new_values."reports_to_id", new_values."title" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="eb8357f60e7f3e8c14283bf42860331aa8f4e4c3",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_3867c",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="accounts_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_userevent" ("deactivated_at", "deactivated_because", "email", "is_active", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reports_to_id", "title") SELECT new_values."deactivated_at", new_values."deactivated_because", new_values."email", new_values."is_active", new_values."kind", new_values."name", _pgh_attached_context.value, accounts_now(), \'update\', new_values."id", new_values."reports_to_id", new_values."title" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."deactivated_at" IS DISTINCT FROM (new_values."deactivated_at") OR old_values."deactivated_because" IS DISTINCT FROM (new_values."deactivated_because") OR old_values."email" IS DISTINCT FROM (new_values."email") OR old_values."is_active" IS DISTINCT FROM (new_values."is_active") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."reports_to_id" IS DISTINCT FROM (new_values."reports_to_id") OR old_values."title" IS DISTINCT FROM (new_values."title")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="66ddea3e796fb9bcbea4ac96e8cff6e3ba0806e8",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_0e890",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="accounts_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_userevent" ("deactivated_at", "deactivated_because", "email", "is_active", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reports_to_id", "title") SELECT old_values."deactivated_at", old_values."deactivated_because", old_values."email", old_values."is_active", old_values."kind", old_values."name", _pgh_attached_context.value, accounts_now(), \'delete\', old_values."id", old_values."reports_to_id", old_values."title" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="6de652fdbbbfb92e51b4a1891877e8a1cf34b674",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_19f14",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="accounts_user",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="context",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "until__lte",
                        models.Func(
                            models.F("at"),
                            output_field=models.DateField(),
                            template="((%(expressions)s AT TIME ZONE 'UTC')::date + 367)",
                        ),
                    )
                ),
                name="context_ends_within_a_year",
            ),
        ),
        migrations.AddIndex(
            model_name="coverage",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["person"], name="coverage_serving"
            ),
        ),
        migrations.AddConstraint(
            model_name="coverage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("started_because", ""), _negated=True),
                    models.Q(
                        ("ended_at", None),
                        models.Q(("ended_by__isnull", False), models.Q(("ended_because", ""), _negated=True)),
                        _connector="OR",
                    ),
                ),
                name="coverage_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="coverage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at", None), ("ended_at__gte", models.F("started_at")), _connector="OR"
                ),
                name="coverage_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="coverage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("role", "past"), _negated=True), ("ended_at__isnull", False), _connector="OR"
                ),
                name="coverage_past_has_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="coverage",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("role", "owner")),
                expressions=[
                    ("account", "="),
                    (models.Func(models.F("started_at"), models.F("ended_at"), function="tstzrange"), "&&"),
                ],
                name="coverage_owner_spells_meet",
            ),
        ),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(condition=models.Q(("outcome", "won")), fields=["closed_at"], name="deal_won"),
        ),
        migrations.AddConstraint(
            model_name="deal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("external_id",),
                name="deal_external_id_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="deal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("outcome", "")),
                    models.Q(("closed_at__isnull", False), models.Q(("outcome", ""), _negated=True)),
                    _connector="OR",
                ),
                name="deal_closed_has_outcome",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deal",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_dealevent" ("account_id", "amount", "closed_at", "created_at", "currency", "engaged_on", "expected_close", "external_id", "holder_id", "id", "imported_by_id", "imported_from", "kind", "name", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product", "role", "stage", "type") SELECT new_values."account_id", new_values."amount", new_values."closed_at", new_values."created_at", new_values."currency", new_values."engaged_on", new_values."expected_close", new_values."external_id", new_values."holder_id", new_values."id", new_values."imported_by_id", new_values."imported_from", new_values."kind", new_values."name", new_values."outcome", _pgh_attached_context.value, accounts_now(), \'insert\', new_values."id", new_values."product", new_values."role", new_values."stage", new_values."type" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="6bb980ba1cc1549565c4cc1f2decf825f7ecf856",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_e8414",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="accounts_deal",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deal",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_dealevent" ("account_id", "amount", "closed_at", "created_at", "currency", "engaged_on", "expected_close", "external_id", "holder_id", "id", "imported_by_id", "imported_from", "kind", "name", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product", "role", "stage", "type") SELECT new_values."account_id", new_values."amount", new_values."closed_at", new_values."created_at", new_values."currency", new_values."engaged_on", new_values."expected_close", new_values."external_id", new_values."holder_id", new_values."id", new_values."imported_by_id", new_values."imported_from", new_values."kind", new_values."name", new_values."outcome", _pgh_attached_context.value, accounts_now(), \'update\', new_values."id", new_values."product", new_values."role", new_values."stage", new_values."type" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="ef8ceac32cdb13aa66a3d03b25a0c1d59d1b44c6",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_70851",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="accounts_deal",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deal",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_dealevent" ("account_id", "amount", "closed_at", "created_at", "currency", "engaged_on", "expected_close", "external_id", "holder_id", "id", "imported_by_id", "imported_from", "kind", "name", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product", "role", "stage", "type") SELECT old_values."account_id", old_values."amount", old_values."closed_at", old_values."created_at", old_values."currency", old_values."engaged_on", old_values."expected_close", old_values."external_id", old_values."holder_id", old_values."id", old_values."imported_by_id", old_values."imported_from", old_values."kind", old_values."name", old_values."outcome", _pgh_attached_context.value, accounts_now(), \'delete\', old_values."id", old_values."product", old_values."role", old_values."stage", old_values."type" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="6d2517f85de32c12a7b550146daf41fc73bf0f8a",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_ee255",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="accounts_deal",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="notepart",
            name="note",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="accounts.note"
            ),
        ),
        migrations.AddConstraint(
            model_name="askedagain",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ask__isnull", True), ("fact__isnull", False)),
                    models.Q(("ask__isnull", False), ("fact__isnull", True)),
                    _connector="OR",
                ),
                name="asked_again_of_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="askedagain",
            constraint=models.UniqueConstraint(
                fields=("contact", "fact", "on"), name="asked_again_of_fact_once_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="askedagain",
            constraint=models.UniqueConstraint(
                fields=("contact", "ask", "on"), name="asked_again_of_ask_once_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("applied_at", None), ("discarded_at", None), _connector="OR"),
                name="import_applied_or_discarded",
            ),
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("applied_at", None), ("applied_by__isnull", False), _connector="OR"),
                name="import_applied_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="importfile",
            constraint=models.UniqueConstraint(fields=("batch", "position"), name="import_file_position"),
        ),
        migrations.AddIndex(
            model_name="importrow",
            index=models.Index(
                condition=models.Q(("because", ""), _negated=True),
                fields=["file", "number"],
                name="import_tray",
            ),
        ),
        migrations.AddConstraint(
            model_name="importrow",
            constraint=models.UniqueConstraint(fields=("file", "number"), name="import_row_once"),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(("next_try_at__isnull", False)),
                fields=["next_try_at"],
                name="letter_waits",
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(condition=models.Q(("sent_at", None)), fields=["id"], name="letter_unsent"),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.UniqueConstraint(fields=("to", "digest_on"), name="letter_one_digest_a_day"),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("contact", None), ("to__isnull", False)),
                    models.Q(("contact__isnull", False), ("to", None)),
                    _connector="OR",
                ),
                name="letter_has_one_reader",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("held_because", ""),
                    models.Q(("next_try_at", None), ("sent_at", None)),
                    _connector="OR",
                ),
                name="letter_held_is_not_sent",
                violation_error_message="This letter waits until they may hear from whoever signs it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("given_up_at", None), ("sent_at", None)),
                    models.Q(
                        models.Q(("sent_at", None), ("given_up_at", None), _connector="OR"),
                        ("next_try_at", None),
                    ),
                    _connector="OR",
                ),
                name="letter_ends_once",
                violation_error_message="A letter is sent or given up, and then no longer tried.",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("given_up_at", None), ("given_up_because", ""), ("given_up_by", None)),
                    models.Q(
                        ("given_up_at__isnull", False),
                        models.Q(("given_up_because", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="letter_is_given_up_for_a_reason",
                violation_error_message="Say why this letter is given up.",
            ),
        ),
        migrations.AddConstraint(
            model_name="mention",
            constraint=models.UniqueConstraint(fields=("entry", "contact"), name="mention_once"),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                condition=models.Q(("closed_at", None)), fields=["account"], name="obligation_open"
            ),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                condition=models.Q(("closed_at", None)), fields=["holder", "due"], name="obligation_held"
            ),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                condition=models.Q(("broken_at", None), ("closed_at", None), ("kind", "promise")),
                fields=["due"],
                name="obligation_to_break",
            ),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                condition=models.Q(
                    ("answered_at", None),
                    ("closed_at", None),
                    ("escalated_at", None),
                    ("respond_by__isnull", False),
                ),
                fields=["respond_by"],
                name="obligation_to_escalate",
            ),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                condition=models.Q(("closed_at", None), ("lapses_on__isnull", False)),
                fields=["lapses_on"],
                name="obligation_to_lapse",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("closed_by", None), ("outcome", "")),
                    models.Q(
                        ("closed_at__isnull", False),
                        ("closed_by__isnull", False),
                        models.Q(("outcome", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="obligation_closed_has_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_at", None),
                    models.Q(("kind__in", ["question", "feedback", "repair"]), _negated=True),
                    ("contact", None),
                    models.Q(("agreed_by__isnull", False), ("outcome", "agreed")),
                    models.Q(
                        ("answered_at__isnull", False), ("lapses_on__isnull", False), ("outcome", "lapsed")
                    ),
                    ("outcome", "account_closed"),
                    ("outcome", "retracted"),
                    _connector="OR",
                ),
                name="customer_closes_what_they_raised",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["question", "feedback"]), _negated=True),
                    ("contact__isnull", False),
                    _connector="OR",
                ),
                name="obligation_asked_is_asked_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("broken_at", None), ("broken_by", None)),
                    models.Q(
                        ("broken_at__isnull", False),
                        ("broken_by__isnull", False),
                        ("due__isnull", False),
                        ("kind", "promise"),
                    ),
                    _connector="OR",
                ),
                name="only_a_dated_promise_breaks",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(("respond_by", None), ("kind", "question"), _connector="OR"),
                name="only_a_question_has_a_clock",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("escalated_at", None), ("escalated_to", None)),
                    models.Q(("escalated_at__isnull", False), ("escalated_to__isnull", False)),
                    _connector="OR",
                ),
                name="escalated_to_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("obstacle", ""), ("severity", "")), ("kind", "repair"), _connector="OR"
                ),
                name="severity_and_obstacle_are_of_repairs",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(("cadence", None), ("kind", "visit"), _connector="OR"),
                name="only_visits_have_a_cadence",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("after_coverage", None), ("after_deal", None), ("check_in", None)),
                    models.Q(
                        ("check_in__in", [7, 30, 90]),
                        ("check_in__isnull", False),
                        ("kind", "visit"),
                        models.Q(
                            models.Q(("after_coverage", None), ("after_deal__isnull", False)),
                            models.Q(("after_coverage__isnull", False), ("after_deal", None)),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="check_in_is_a_visit_with_one_cause",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.UniqueConstraint(
                fields=("after_deal", "check_in"), name="check_in_once_after_a_sale"
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.UniqueConstraint(
                fields=("after_coverage", "check_in"), name="check_in_once_after_a_change"
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("starts_at", None), models.Q(("due__isnull", False), ("kind", "visit")), _connector="OR"
                ),
                name="only_visits_have_an_hour",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(("note_asked_on", None), ("kind", "visit"), _connector="OR"),
                name="only_visits_want_a_note",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)), fields=("cadence",), name="visit_one_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("external_id",),
                name="obligation_external_id_once",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="obligation",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_obligationevent" ("account_id", "after_coverage_id", "after_deal_id", "agreed_by_id", "answered_at", "broken_at", "broken_by_id", "cadence_id", "check_in", "closed_at", "closed_by_id", "contact_id", "decision", "due", "escalated_at", "escalated_to_id", "external_id", "fact_id", "holder_id", "id", "imported_by_id", "imported_from", "kind", "lapses_on", "note_asked_on", "obstacle", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "raised_at", "raised_by_id", "respond_by", "role", "severity", "shared_at", "starts_at", "stretch", "text", "transfers", "urgency") SELECT new_values."account_id", new_values."after_coverage_id", new_values."after_deal_id", new_values."agreed_by_id", new_values."answered_at", new_values."broken_at", new_values."broken_by_id", new_values."cadence_id", new_values."check_in", new_values."closed_at", new_values."closed_by_id", new_values."contact_id", new_values."decision", new_values."due", new_values."escalated_at", new_values."escalated_to_id", new_values."external_id", new_values."fact_id", new_values."holder_id", new_values."id", new_values."imported_by_id", new_values."imported_from", new_values."kind", new_values."lapses_on", new_values."note_asked_on", new_values."obstacle", new_values."outcome", _pgh_attached_context.value, accounts_now(), \'insert\', new_values."id", new_values."raised_at", new_values."raised_by_id", new_values."respond_by", new_values."role", new_values."severity", new_values."shared_at", new_values."starts_at", new_values."stretch", new_values."text", new_values."transfers", new_values."urgency" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="46d04ab2a462f53e7f9d95db68bf9d8df32cec8e",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_a9a2c",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="accounts_obligation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="obligation",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_obligationevent" ("account_id", "after_coverage_id", "after_deal_id", "agreed_by_id", "answered_at", "broken_at", "broken_by_id", "cadence_id", "check_in", "closed_at", "closed_by_id", "contact_id", "decision", "due", "escalated_at", "escalated_to_id", "external_id", "fact_id", "holder_id", "id", "imported_by_id", "imported_from", "kind", "lapses_on", "note_asked_on", "obstacle", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "raised_at", "raised_by_id", "respond_by", "role", "severity", "shared_at", "starts_at", "stretch", "text", "transfers", "urgency") SELECT new_values."account_id", new_values."after_coverage_id", new_values."after_deal_id", new_values."agreed_by_id", new_values."answered_at", new_values."broken_at", new_values."broken_by_id", new_values."cadence_id", new_values."check_in", new_values."closed_at", new_values."closed_by_id", new_values."contact_id", new_values."decision", new_values."due", new_values."escalated_at", new_values."escalated_to_id", new_values."external_id", new_values."fact_id", new_values."holder_id", new_values."id", new_values."imported_by_id", new_values."imported_from", new_values."kind", new_values."lapses_on", new_values."note_asked_on", new_values."obstacle", new_values."outcome", _pgh_attached_context.value, accounts_now(), \'update\', new_values."id", new_values."raised_at", new_values."raised_by_id", new_values."respond_by", new_values."role", new_values."severity", new_values."shared_at", new_values."starts_at", new_values."stretch", new_values."text", new_values."transfers", new_values."urgency" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="c02c8c22b886be67307c850be00ae6723a0fb520",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_3e10c",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="accounts_obligation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="obligation",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_obligationevent" ("account_id", "after_coverage_id", "after_deal_id", "agreed_by_id", "answered_at", "broken_at", "broken_by_id", "cadence_id", "check_in", "closed_at", "closed_by_id", "contact_id", "decision", "due", "escalated_at", "escalated_to_id", "external_id", "fact_id", "holder_id", "id", "imported_by_id", "imported_from", "kind", "lapses_on", "note_asked_on", "obstacle", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "raised_at", "raised_by_id", "respond_by", "role", "severity", "shared_at", "starts_at", "stretch", "text", "transfers", "urgency") SELECT old_values."account_id", old_values."after_coverage_id", old_values."after_deal_id", old_values."agreed_by_id", old_values."answered_at", old_values."broken_at", old_values."broken_by_id", old_values."cadence_id", old_values."check_in", old_values."closed_at", old_values."closed_by_id", old_values."contact_id", old_values."decision", old_values."due", old_values."escalated_at", old_values."escalated_to_id", old_values."external_id", old_values."fact_id", old_values."holder_id", old_values."id", old_values."imported_by_id", old_values."imported_from", old_values."kind", old_values."lapses_on", old_values."note_asked_on", old_values."obstacle", old_values."outcome", _pgh_attached_context.value, accounts_now(), \'delete\', old_values."id", old_values."raised_at", old_values."raised_by_id", old_values."respond_by", old_values."role", old_values."severity", old_values."shared_at", old_values."starts_at", old_values."stretch", old_values."text", old_values."transfers", old_values."urgency" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="90465e5a603be6d53919417e1d811b8cfe75da21",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_9668c",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="accounts_obligation",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["account", "-at", "-id"], name="entry_thread"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["account", "kind", "-at"], name="entry_of_kind"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("external_id",),
                name="entry_external_id_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("author__isnull", False),
                    models.Q(("author_name", ""), _negated=True),
                    ("author_contact__isnull", False),
                    _connector="OR",
                ),
                name="entry_has_author",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "stage"), _negated=True),
                    models.Q(("stage", ""), _negated=True),
                    _connector="OR",
                ),
                name="entry_stage_is_named",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "automatic"), _negated=True),
                    ("author_contact", None),
                    _connector="OR",
                ),
                name="entry_automatic_is_nobodys",
                violation_error_message="What a program sent is nobody's words.",
            ),
        ),
        migrations.AddIndex(
            model_name="ask",
            index=models.Index(fields=["account", "-at"], name="ask_of_account"),
        ),
        migrations.AddConstraint(
            model_name="ask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("check_in__isnull", False), ("kind", "choice")),
                    models.Q(models.Q(("kind", "choice"), _negated=True), ("check_in", None)),
                    _connector="OR",
                ),
                name="ask_choice_belongs_to_a_check_in",
            ),
        ),
        migrations.AddConstraint(
            model_name="ask",
            constraint=models.UniqueConstraint(fields=("check_in",), name="ask_once_per_check_in"),
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.CheckConstraint(condition=models.Q(("pk", 1)), name="organisation_is_one"),
        ),
        migrations.AddConstraint(
            model_name="retraction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("entry__isnull", False), ("fact__isnull", True)),
                    models.Q(("entry__isnull", True), ("fact__isnull", False)),
                    _connector="OR",
                ),
                name="retraction_of_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="share",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("entry__isnull", False), ("fact__isnull", True)),
                    models.Q(("entry__isnull", True), ("fact__isnull", False)),
                    _connector="OR",
                ),
                name="share_of_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="topic",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_at", None), ("merged_by", None), ("merged_into", None)),
                    models.Q(
                        ("merged_at__isnull", False),
                        ("merged_by__isnull", False),
                        ("merged_into__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="topic_merged_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="topic",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("retired_at", None), ("retired_by", None)),
                    models.Q(("retired_at__isnull", False), ("retired_by__isnull", False)),
                    _connector="OR",
                ),
                name="topic_retired_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="topic",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("slug__in", ["if-then", "outcome", "why-us", "story", "needs", "handling"]),
                        _negated=True,
                    ),
                    models.Q(("merged_into", None), ("retired_at", None)),
                    _connector="OR",
                ),
                name="topic_is_needed",
            ),
        ),
        migrations.AddConstraint(
            model_name="topic",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("name"),
                condition=models.Q(("merged_into", None), ("retired_at", None)),
                name="topic_named_once",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="topic",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_topicevent" ("merged_at", "merged_by_id", "merged_into_id", "must_survive", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "question", "retired_at", "retired_by_id", "review_days", "slug") SELECT new_values."merged_at", new_values."merged_by_id", new_values."merged_into_id", new_values."must_survive", new_values."name", _pgh_attached_context.value, accounts_now(), \'insert\', new_values."slug", new_values."position", new_values."question", new_values."retired_at", new_values."retired_by_id", new_values."review_days", new_values."slug" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="d8b3ac54cdf060fcc315c3ea318acefb85a32a90",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_7974b",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="accounts_topic",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="topic",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_topicevent" ("merged_at", "merged_by_id", "merged_into_id", "must_survive", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "question", "retired_at", "retired_by_id", "review_days", "slug") SELECT new_values."merged_at", new_values."merged_by_id", new_values."merged_into_id", new_values."must_survive", new_values."name", _pgh_attached_context.value, accounts_now(), \'update\', new_values."slug", new_values."position", new_values."question", new_values."retired_at", new_values."retired_by_id", new_values."review_days", new_values."slug" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."slug") = (new_values."slug") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="32d8f6a0c884b736162677a87c344f1fb7f8504c",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_8a9ea",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="accounts_topic",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="topic",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_topicevent" ("merged_at", "merged_by_id", "merged_into_id", "must_survive", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "question", "retired_at", "retired_by_id", "review_days", "slug") SELECT old_values."merged_at", old_values."merged_by_id", old_values."merged_into_id", old_values."must_survive", old_values."name", _pgh_attached_context.value, accounts_now(), \'delete\', old_values."slug", old_values."position", old_values."question", old_values."retired_at", old_values."retired_by_id", old_values."review_days", old_values."slug" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="3b76580bcc700dc987d7e3503cdd6682a6798169",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f5bf0",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="accounts_topic",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="fact",
            index=models.Index(fields=["account", "topic"], name="fact_of_account"),
        ),
        migrations.AddConstraint(
            model_name="fact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("provenance", "told"), _negated=True),
                    ("contact__isnull", False),
                    _connector="OR",
                ),
                name="fact_told_by_somebody",
            ),
        ),
        migrations.AddIndex(
            model_name="verdict",
            index=models.Index(fields=["account", "-at"], name="verdict_of_account"),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.UniqueConstraint(fields=("ask",), name="verdict_once_per_ask"),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", "yes"), ("follow_up", None)),
                    models.Q(("answer__in", ["unsure", "no"]), ("follow_up__isnull", False)),
                    _connector="OR",
                ),
                name="verdict_of_doubt_is_followed_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="notepart",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("entry__isnull", False), ("fact__isnull", True), ("obligation__isnull", True)),
                    models.Q(("entry__isnull", True), ("fact__isnull", False), ("obligation__isnull", True)),
                    models.Q(("entry__isnull", True), ("fact__isnull", True), ("obligation__isnull", False)),
                    _connector="OR",
                ),
                name="note_part_is_one_thing",
            ),
        ),
        migrations.CreateModel(
            name="HeldMail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("from_address", accounts.models.fields.LineField(blank=True, max_length=320)),
                ("text", accounts.models.fields.WordsField()),
                ("at", models.DateTimeField(verbose_name="says it was written at")),
                ("received_at", models.DateTimeField()),
                (
                    "because",
                    accounts.models.fields.LineField(help_text="Why it was not believed.", max_length=500),
                ),
                (
                    "automatic",
                    models.BooleanField(default=False, help_text="A program sent it, nobody's words."),
                ),
                ("external_id", accounts.models.fields.LineField(max_length=120, unique=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("set_aside_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="held_mail",
                        to="accounts.account",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        help_text="In whose name it came.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.contact",
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
                    "entry",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="held_mail",
                        to="accounts.entry",
                    ),
                ),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="held_mail",
                        to="accounts.letter",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "held mail",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("decided_at", None)), fields=["account"], name="held_mail_waits"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at", None),
                                ("decided_by", None),
                                ("entry", None),
                                ("set_aside_because", ""),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("entry__isnull", False),
                                ("set_aside_because", ""),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("entry", None),
                                models.Q(("set_aside_because", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="held_mail_is_decided_once",
                        violation_error_message="A mail goes on the account, or is set aside with a reason.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Original",
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
                        choices=[("mail", "Message"), ("html", "HTML")], max_length=4
                    ),
                ),
                ("data", models.BinaryField()),
                (
                    "folded",
                    accounts.models.fields.WordsField(blank=True, help_text="What it quotes of others."),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="original",
                        to="accounts.entry",
                    ),
                ),
                (
                    "held_mail",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="original",
                        to="accounts.heldmail",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("entry__isnull", False), ("held_mail", None)),
                            models.Q(("entry", None), ("held_mail__isnull", False)),
                            _connector="OR",
                        ),
                        name="original_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            django.db.models.lookups.LessThanOrEqual(
                                models.Func(
                                    models.F("data"),
                                    function="octet_length",
                                    output_field=models.IntegerField(),
                                ),
                                5242880,
                            )
                        ),
                        name="original_is_small",
                        violation_error_message="This is too large to be kept.",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("imported_by", None),
                    ("imported_from", ""),
                )
                | models.Q(("imported_by__isnull", False), models.Q(("imported_from", ""), _negated=True)),
                name="contact_imported_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="deal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("imported_by", None),
                    ("imported_from", ""),
                )
                | models.Q(("imported_by__isnull", False), models.Q(("imported_from", ""), _negated=True)),
                name="deal_imported_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("imported_by", None),
                    ("imported_from", ""),
                )
                | models.Q(("imported_by__isnull", False), models.Q(("imported_from", ""), _negated=True)),
                name="obligation_imported_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("imported_by", None),
                    ("imported_from", ""),
                )
                | models.Q(("imported_by__isnull", False), models.Q(("imported_from", ""), _negated=True)),
                name="entry_imported_by_somebody",
            ),
        ),
        migrations.CreateModel(
            name="EntryReading",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="reading",
                        serialize=False,
                        to="accounts.entry",
                    ),
                ),
                ("rules", models.PositiveSmallIntegerField()),
                ("words", models.PositiveIntegerField(help_text="How many words the entry has.")),
                ("found", models.PositiveIntegerField(help_text="How many passages it has.")),
            ],
        ),
        migrations.CreateModel(
            name="Passage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start", models.PositiveIntegerField()),
                ("end", models.PositiveIntegerField()),
                ("begins", models.PositiveIntegerField()),
                ("ends", models.PositiveIntegerField()),
                (
                    "reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=accounts.models.fields.LineField(max_length=20), size=None
                    ),
                ),
                ("words", models.PositiveSmallIntegerField(help_text="How many different words it has.")),
                (
                    "days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateField(),
                        default=list,
                        help_text="The days to come that it names, on the day it was written.",
                        size=None,
                    ),
                ),
                (
                    "reading",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passages",
                        to="accounts.entryreading",
                    ),
                ),
            ],
            options={
                "ordering": ["reading", "start"],
                "constraints": [
                    models.UniqueConstraint(fields=("reading", "start"), name="passage_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("end__gt", models.F("start")),
                            ("ends__gte", models.F("end")),
                            ("start__gte", models.F("begins")),
                        ),
                        name="passage_is_a_place_in_its_entry",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SortedPassage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start", models.PositiveIntegerField(null=True)),
                ("end", models.PositiveIntegerField(null=True)),
                (
                    "turn",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="How often somebody had sorted this place before, and undone it."
                    ),
                ),
                (
                    "became",
                    accounts.models.fields.LineField(
                        choices=[
                            ("fact", "A fact"),
                            ("promise", "What we owe"),
                            ("if_then", "If … then …"),
                            ("handling", "How to handle somebody"),
                            ("role", "Somebody’s role or leaving"),
                            ("story", "Part of the story"),
                            ("nothing", "Nothing to carry"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "was",
                    models.PositiveBigIntegerField(
                        help_text="The record in history of how the contact stood before.", null=True
                    ),
                ),
                ("at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sorted_passages",
                        to="accounts.contact",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sorted_passages",
                        to="accounts.entry",
                    ),
                ),
                (
                    "fact",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sorted_passage",
                        to="accounts.fact",
                    ),
                ),
                (
                    "obligation",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sorted_passage",
                        to="accounts.obligation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("start__isnull", False)),
                        expressions=[
                            ("entry", "="),
                            ("turn", "="),
                            (models.Func(models.F("start"), models.F("end"), function="int4range"), "&&"),
                        ],
                        name="passage_sorted_once",
                        violation_error_message="Somebody has sorted this meanwhile.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("end", None), ("start", None)),
                            models.Q(
                                ("end__gt", models.F("start")),
                                ("end__isnull", False),
                                ("start__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="sorted_passage_is_a_place_or_forgotten",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("became", "nothing"),
                                ("contact", None),
                                ("fact", None),
                                ("obligation", None),
                                ("was", None),
                            ),
                            models.Q(
                                ("became", "promise"),
                                ("contact", None),
                                ("fact", None),
                                ("obligation__isnull", False),
                                ("was", None),
                            ),
                            models.Q(
                                ("became", "role"),
                                ("contact__isnull", False),
                                ("fact", None),
                                ("obligation", None),
                                ("was__isnull", False),
                            ),
                            models.Q(
                                ("became__in", ["fact", "if_then", "handling", "story"]),
                                ("contact", None),
                                ("fact__isnull", False),
                                ("obligation", None),
                                ("was", None),
                            ),
                            _connector="OR",
                        ),
                        name="sorted_passage_became_what_it_says",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PassedAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ask",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="passed_answers",
                        to="accounts.ask",
                    ),
                ),
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
                (
                    "fact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.fact",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("entry", None), ("fact__isnull", False)),
                            models.Q(("entry__isnull", False), ("fact", None)),
                            _connector="OR",
                        ),
                        name="passed_answer_is_one_thing",
                    ),
                    models.UniqueConstraint(fields=("ask", "fact"), name="passed_fact_once"),
                    models.UniqueConstraint(fields=("ask", "entry"), name="passed_entry_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Countersignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "act",
                    accounts.models.fields.LineField(
                        choices=[
                            ("retract", "take back"),
                            ("keep", "mark as kept"),
                            ("agree", "close, since the customer agreed"),
                            ("make_good", "close, as made good"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "words",
                    accounts.models.fields.WordsField(
                        blank=True, help_text="The reason, or what the customer said."
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("agreed", models.BooleanField(blank=True, null=True)),
                ("note", accounts.models.fields.LineField(blank=True, max_length=500)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="countersignatures",
                        to="accounts.account",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="countersignatures",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                    "entry",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.entry",
                    ),
                ),
                (
                    "fact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.fact",
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
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("act", "retract"),
                                ("entry__isnull", False),
                                ("fact", None),
                                ("obligation", None),
                            ),
                            models.Q(
                                ("act", "retract"),
                                ("entry", None),
                                ("fact__isnull", False),
                                ("obligation", None),
                            ),
                            models.Q(
                                ("act__in", ["keep", "agree", "make_good"]),
                                ("entry", None),
                                ("fact", None),
                                ("obligation__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="countersignature_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agreed", None), ("decided_at", None), ("decided_by", None)),
                            models.Q(
                                ("agreed__isnull", False),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                models.Q(("decided_by", models.F("by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="countersigned_by_a_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agreed", False), _negated=True),
                            models.Q(("note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="countersignature_declined_says_why",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at", None)),
                        fields=("entry", "fact", "obligation"),
                        name="countersignature_asked_once",
                        nulls_distinct=False,
                        violation_error_message="A second person has been asked about this already.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AnswerSource",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "where",
                    accounts.models.fields.LineField(
                        choices=[
                            ("brief", "In the brief"),
                            ("memory", "In the memory"),
                            ("nowhere", "Nowhere"),
                        ],
                        max_length=7,
                    ),
                ),
                ("at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "coverage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answer_sources",
                        to="accounts.coverage",
                    ),
                ),
                (
                    "obligation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answer_sources",
                        to="accounts.obligation",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("where__in", ["brief", "memory", "nowhere"])),
                        name="answer_source_is_one_of_three",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UndoneSorting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sorting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undone",
                        to="accounts.sortedpassage",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="ThreadRead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "entries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("reader", "account"), name="thread_read_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountMerge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "moved",
                    models.JSONField(
                        help_text="By id: who and what moved, and who held and served what before."
                    ),
                ),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merges",
                        to="accounts.account",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.entry"
                    ),
                ),
                (
                    "into",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.account"
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
                "ordering": ["-at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)),
                        fields=("account",),
                        name="account_merged_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("undone_at", None), ("undone_by", None)),
                            models.Q(("undone_at__isnull", False), ("undone_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="merge_undone_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DistinctAccounts",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.account"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("first", "second"), name="distinct_accounts_once"),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))),
                        name="distinct_accounts_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "shape",
                    accounts.models.fields.LineField(
                        choices=[
                            ("xlsx", "Workbook (XLSX)"),
                            ("csv", "Tables (CSV in a ZIP)"),
                            ("json", "Whole memory (JSON)"),
                        ],
                        max_length=4,
                    ),
                ),
                (
                    "query",
                    accounts.models.fields.LineField(
                        blank=True, help_text="The filter of the list, as its address has it.", max_length=500
                    ),
                ),
                (
                    "what",
                    accounts.models.fields.LineField(
                        help_text="The same in words, or the account's name.", max_length=500
                    ),
                ),
                ("asked_at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                ("begun_at", models.DateTimeField(blank=True, null=True)),
                ("heartbeat_at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("rows", models.PositiveIntegerField(default=0)),
                (
                    "accounts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        default=list,
                        help_text="Those that are in the file.",
                        size=None,
                    ),
                ),
                ("size", models.BigIntegerField(default=0)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("stopped_at", models.DateTimeField(blank=True, null=True)),
                ("failed_because", accounts.models.fields.LineField(blank=True, max_length=500)),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to="accounts.account",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("failed_because", ""), ("finished_at", None), ("stopped_at", None)
                        ),
                        fields=("by", "shape", "account", "query"),
                        name="export_made_once",
                        nulls_distinct=False,
                        violation_error_message="It is being made already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("finished_at", None),
                            models.Q(("failed_because", ""), ("stopped_at", None)),
                            _connector="OR",
                        ),
                        name="export_ends_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("finished_at", None), ("expires_at__isnull", False), _connector="OR"
                        ),
                        name="export_expires",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("account", None), ("query", ""), _connector="OR"),
                        name="export_of_an_account_or_a_list",
                    ),
                ],
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="ExportDownload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=accounts.rules.clocks.now, editable=False)),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="downloaded",
                        to="accounts.export",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ExportPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("data", models.BinaryField()),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="accounts.export",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("export", "number"), name="export_part_once")]
            },
        ),
    ]
