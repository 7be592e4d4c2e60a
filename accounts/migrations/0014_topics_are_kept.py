"""Operations keep the catalogue of topics: with history, and merged under live answers.

An answer is frozen and keeps its topic, so merging supersedes each live one by its likeness under the other topic.
No answer may be written under the old one afterwards, nor at the same moment: whoever writes holds the topic, and
merging waits for them.
"""

import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

MERGED = """
CREATE FUNCTION accounts_fact_topic_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    merged text;
BEGIN
    SELECT merged_into_id INTO merged FROM accounts_topic WHERE slug = NEW.topic_id FOR KEY SHARE;
    IF merged IS NOT NULL THEN
        RAISE EXCEPTION 'This topic has just become part of another. Write the answer there.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER fact_topic_stands BEFORE INSERT ON accounts_fact
    FOR EACH ROW EXECUTE FUNCTION accounts_fact_topic_stands();
"""
UNDO = """
DROP TRIGGER fact_topic_stands ON accounts_fact;
DROP FUNCTION accounts_fact_topic_stands();
"""

#: What was agreed in the contract has its own place beside the terms outside it.
CONTRACT = {
    "slug": "contract",
    "name": "Prices and contract history",
    "question": "What have you paid so far, and what changed with each renewal?",
    "must_survive": False,
    "review_days": 365,
    "position": 85,
}


def add(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    Topic = apps.get_model("accounts", "Topic")
    if not Topic.objects.filter(slug="contract").exists():
        Topic.objects.create(**CONTRACT)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_meetings"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="TopicEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("slug", models.SlugField(db_index=False, serialize=False)),
                ("name", models.CharField(max_length=120)),
                ("question", models.CharField(help_text="How one would ask the customer.", max_length=300)),
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
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="topic",
            name="merged_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="topic",
            name="merged_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="topic",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="accounts.topic",
            ),
        ),
        migrations.AddField(
            model_name="topic",
            name="retired_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="topic",
            name="retired_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="topic",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_topicevent" ("merged_at", "merged_by_id", "merged_into_id", "must_survive", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "question", "retired_at", "retired_by_id", "review_days", "slug") SELECT new_values."merged_at", new_values."merged_by_id", new_values."merged_into_id", new_values."must_survive", new_values."name", _pgh_attached_context.value, CLOCK_TIMESTAMP(), \'insert\', new_values."slug", new_values."position", new_values."question", new_values."retired_at", new_values."retired_by_id", new_values."review_days", new_values."slug" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="1df446cf6e2931a8f3b95313c6fd5b70b5737e4b",
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
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_topicevent" ("merged_at", "merged_by_id", "merged_into_id", "must_survive", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "question", "retired_at", "retired_by_id", "review_days", "slug") SELECT new_values."merged_at", new_values."merged_by_id", new_values."merged_into_id", new_values."must_survive", new_values."name", _pgh_attached_context.value, CLOCK_TIMESTAMP(), \'update\', new_values."slug", new_values."position", new_values."question", new_values."retired_at", new_values."retired_by_id", new_values."review_days", new_values."slug" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."slug") = (new_values."slug") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="492089e680f8b743b8bef0ce8d49e1b09413ff36",
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
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "accounts_topicevent" ("merged_at", "merged_by_id", "merged_into_id", "must_survive", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "question", "retired_at", "retired_by_id", "review_days", "slug") SELECT old_values."merged_at", old_values."merged_by_id", old_values."merged_into_id", old_values."must_survive", old_values."name", _pgh_attached_context.value, CLOCK_TIMESTAMP(), \'delete\', old_values."slug", old_values."position", old_values."question", old_values."retired_at", old_values."retired_by_id", old_values."review_days", old_values."slug" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="f50416b08ae8fa4ca3a74af746f8d1200836566e",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f5bf0",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="accounts_topic",
                    when="AFTER",
                ),
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
                    models.Q(("slug__in", ["if-then", "outcome", "why-us", "story", "needs"]), _negated=True),
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
        migrations.AddField(
            model_name="topicevent",
            name="merged_by",
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
            model_name="topicevent",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="accounts.topic",
            ),
        ),
        migrations.AddField(
            model_name="topicevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="topicevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="accounts.topic",
            ),
        ),
        migrations.AddField(
            model_name="topicevent",
            name="retired_by",
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
        migrations.RunSQL(MERGED, reverse_sql=UNDO),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
