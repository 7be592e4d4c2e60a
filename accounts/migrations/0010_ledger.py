"""What the ledger does by itself: broken promises, clocks on questions, escalations; what we ask of customers; visits.

- A promise that was broken stays so, with the day and with who held it; nothing is brought before a manager twice.
- A customer is not asked for feedback while an answer of theirs waits for us, also when two of us ask at once.
- A lawful erasure reaches the log of what we asked.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

MILESTONES = """
CREATE FUNCTION accounts_obligation_milestones() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A promise that was broken stays so, and a manager is told once.'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER obligation_milestones
    BEFORE UPDATE OF broken_at, broken_by_id, escalated_at, escalated_to_id ON accounts_obligation FOR EACH ROW
    WHEN ((OLD.broken_at, OLD.broken_by_id) IS DISTINCT FROM (NEW.broken_at, NEW.broken_by_id) AND OLD.broken_at IS NOT NULL
          OR (OLD.escalated_at, OLD.escalated_to_id) IS DISTINCT FROM (NEW.escalated_at, NEW.escalated_to_id)
             AND OLD.escalated_at IS NOT NULL)
    EXECUTE FUNCTION accounts_obligation_milestones();
"""

ASKS = """
CREATE FUNCTION accounts_ask_answers_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM accounts_obligation WHERE account_id = NEW.account_id AND kind = 'feedback'
               AND closed_at IS NULL AND answered_at IS NULL) THEN
        RAISE EXCEPTION 'They gave feedback and wait for our decision. Decide on that first.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ask_answers_first BEFORE INSERT ON accounts_ask
    FOR EACH ROW WHEN (NEW.kind = 'feedback') EXECUTE FUNCTION accounts_ask_answers_first();

CREATE FUNCTION accounts_erase_asks() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM accounts_blank('accounts_ask', format('account_id = ANY (%L)', accounts_of_contact(NEW.contact_id)), NEW.contact_id);
    RETURN NEW;
END $$;
-- Before the trigger that blanks the name itself.
CREATE TRIGGER a_asks_erase AFTER INSERT ON accounts_erasure
    FOR EACH ROW EXECUTE FUNCTION accounts_erase_asks();
"""
UNDO = """
DROP TRIGGER a_asks_erase ON accounts_erasure;
DROP FUNCTION accounts_erase_asks();
DROP TRIGGER ask_answers_first ON accounts_ask;
DROP FUNCTION accounts_ask_answers_first();
DROP TRIGGER obligation_milestones ON accounts_obligation;
DROP FUNCTION accounts_obligation_milestones();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_notes"),
    ]

    operations = [
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
                    models.CharField(
                        choices=[
                            ("feedback", "Feedback: what do you think of it?"),
                            ("answers", "Answers to our questions"),
                            ("reference", "A reference or an introduction"),
                            ("favour", "Another favour"),
                        ],
                        max_length=9,
                    ),
                ),
                ("what", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-at", "-pk"],
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
                    models.CharField(
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
            ],
            options={
                "ordering": ["account", "role"],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="obligation",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="obligation",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="obligation",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="obligation",
            name="broken_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="obligation",
            name="broken_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Who held the promise on the day it was due.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="obligation",
            name="escalated_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="obligation",
            name="escalated_to",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="obligation",
            name="obstacle",
            field=models.CharField(
                blank=True,
                choices=[
                    ("term", "A term of ours"),
                    ("form", "A form of ours"),
                    ("payment", "How we take payment"),
                    ("other", "Another rule of ours"),
                ],
                help_text="What of ours stands in the way of doing business.",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="obligation",
            name="respond_by",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="obligation",
            name="severity",
            field=models.CharField(
                blank=True,
                choices=[
                    ("nuisance", "A nuisance"),
                    ("hinders", "It hinders them"),
                    ("stops", "They cannot go on"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="obligationevent",
            name="broken_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="obligationevent",
            name="broken_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="Who held the promise on the day it was due.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="obligationevent",
            name="escalated_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="obligationevent",
            name="escalated_to",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="obligationevent",
            name="obstacle",
            field=models.CharField(
                blank=True,
                choices=[
                    ("term", "A term of ours"),
                    ("form", "A form of ours"),
                    ("payment", "How we take payment"),
                    ("other", "Another rule of ours"),
                ],
                help_text="What of ours stands in the way of doing business.",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="obligationevent",
            name="respond_by",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="obligationevent",
            name="severity",
            field=models.CharField(
                blank=True,
                choices=[
                    ("nuisance", "A nuisance"),
                    ("hinders", "It hinders them"),
                    ("stops", "They cannot go on"),
                ],
                max_length=8,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="obligation",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_obligationevent" ("account_id", "agreed_by_id", "answered_at", "broken_at", "broken_by_id", "cadence_id", "closed_at", "closed_by_id", "contact_id", "decision", "due", "escalated_at", "escalated_to_id", "external_id", "fact_id", "holder_id", "id", "kind", "lapses_on", "obstacle", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "raised_at", "raised_by_id", "respond_by", "role", "severity", "shared_at", "stretch", "text", "transfers", "urgency") SELECT new_values."account_id", new_values."agreed_by_id", new_values."answered_at", new_values."broken_at", new_values."broken_by_id", new_values."cadence_id", new_values."closed_at", new_values."closed_by_id", new_values."contact_id", new_values."decision", new_values."due", new_values."escalated_at", new_values."escalated_to_id", new_values."external_id", new_values."fact_id", new_values."holder_id", new_values."id", new_values."kind", new_values."lapses_on", new_values."obstacle", new_values."outcome", _pgh_attached_context.value, CLOCK_TIMESTAMP(), \'insert\', new_values."id", new_values."raised_at", new_values."raised_by_id", new_values."respond_by", new_values."role", new_values."severity", new_values."shared_at", new_values."stretch", new_values."text", new_values."transfers", new_values."urgency" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="35eaad806f1949f1dd66a7123023f907b1841b5b",
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
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_obligationevent" ("account_id", "agreed_by_id", "answered_at", "broken_at", "broken_by_id", "cadence_id", "closed_at", "closed_by_id", "contact_id", "decision", "due", "escalated_at", "escalated_to_id", "external_id", "fact_id", "holder_id", "id", "kind", "lapses_on", "obstacle", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "raised_at", "raised_by_id", "respond_by", "role", "severity", "shared_at", "stretch", "text", "transfers", "urgency") SELECT new_values."account_id", new_values."agreed_by_id", new_values."answered_at", new_values."broken_at", new_values."broken_by_id", new_values."cadence_id", new_values."closed_at", new_values."closed_by_id", new_values."contact_id", new_values."decision", new_values."due", new_values."escalated_at", new_values."escalated_to_id", new_values."external_id", new_values."fact_id", new_values."holder_id", new_values."id", new_values."kind", new_values."lapses_on", new_values."obstacle", new_values."outcome", _pgh_attached_context.value, CLOCK_TIMESTAMP(), \'update\', new_values."id", new_values."raised_at", new_values."raised_by_id", new_values."respond_by", new_values."role", new_values."severity", new_values."shared_at", new_values."stretch", new_values."text", new_values."transfers", new_values."urgency" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="677148b5e03f5a9636a7780eead00f4802b8b7e2",
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
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_obligationevent" ("account_id", "agreed_by_id", "answered_at", "broken_at", "broken_by_id", "cadence_id", "closed_at", "closed_by_id", "contact_id", "decision", "due", "escalated_at", "escalated_to_id", "external_id", "fact_id", "holder_id", "id", "kind", "lapses_on", "obstacle", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "raised_at", "raised_by_id", "respond_by", "role", "severity", "shared_at", "stretch", "text", "transfers", "urgency") SELECT old_values."account_id", old_values."agreed_by_id", old_values."answered_at", old_values."broken_at", old_values."broken_by_id", old_values."cadence_id", old_values."closed_at", old_values."closed_by_id", old_values."contact_id", old_values."decision", old_values."due", old_values."escalated_at", old_values."escalated_to_id", old_values."external_id", old_values."fact_id", old_values."holder_id", old_values."id", old_values."kind", old_values."lapses_on", old_values."obstacle", old_values."outcome", _pgh_attached_context.value, CLOCK_TIMESTAMP(), \'delete\', old_values."id", old_values."raised_at", old_values."raised_by_id", old_values."respond_by", old_values."role", old_values."severity", old_values."shared_at", old_values."stretch", old_values."text", old_values."transfers", old_values."urgency" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="43c2ca0e165bf1f862625d6f064eb1bf571ba82b",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_9668c",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="accounts_obligation",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="ask",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="asks", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="ask",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="ask",
            name="contact",
            field=models.ForeignKey(
                blank=True,
                help_text="Whom we asked.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="asks",
                to="accounts.contact",
            ),
        ),
        migrations.AddField(
            model_name="cadence",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="cadences", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="cadence",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="cadence",
            name="set_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="obligation",
            name="cadence",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="visits",
                to="accounts.cadence",
            ),
        ),
        migrations.AddField(
            model_name="obligationevent",
            name="cadence",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="accounts.cadence",
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
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)), fields=("cadence",), name="visit_one_at_a_time"
            ),
        ),
        migrations.AddIndex(
            model_name="ask",
            index=models.Index(fields=["account", "-at"], name="ask_of_account"),
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
        migrations.RunSQL(MILESTONES + ASKS, reverse_sql=UNDO),
    ]
