"""Imports: staged rows as they came. A lawful erasure blanks those that speak of the person, too."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Named to fire before `erasure_blanks`, which takes the name that these rows are found by.
STAGED = """
CREATE FUNCTION accounts_erase_staged() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    person accounts_contact%ROWTYPE;
BEGIN
    SELECT * INTO person FROM accounts_contact WHERE id = NEW.contact_id;
    UPDATE accounts_importrow SET cells = '{}', because = '[erased on request]'
        WHERE EXISTS (
            SELECT 1 FROM unnest(cells) AS cell
            WHERE (person.external_id <> '' AND cell = person.external_id)
               OR (person.email <> '' AND strpos(lower(cell), lower(person.email)) > 0)
               OR strpos(lower(cell), lower(person.name)) > 0
        );
    UPDATE accounts_importfile SET data = NULL;
    RETURN NEW;
END $$;

CREATE TRIGGER erasure_a_staged AFTER INSERT ON accounts_erasure
    FOR EACH ROW EXECUTE FUNCTION accounts_erase_staged();
"""
UNDO = "DROP TRIGGER erasure_a_staged ON accounts_erasure; DROP FUNCTION accounts_erase_staged();"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_topics"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
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
            name="ImportFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=255)),
                ("kind", models.CharField(blank=True, max_length=12)),
                ("sentence", models.TextField(blank=True)),
                ("encoding", models.CharField(blank=True, max_length=40)),
                ("encoding_because", models.CharField(blank=True, max_length=300)),
                ("delimiter", models.CharField(blank=True, max_length=1)),
                (
                    "header",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
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
                ("number", models.PositiveIntegerField()),
                ("line", models.PositiveIntegerField()),
                (
                    "cells",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None),
                ),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("new", "New"),
                            ("changed", "Changed"),
                            ("unchanged", "Unchanged"),
                            ("aside", "Left aside"),
                        ],
                        max_length=9,
                    ),
                ),
                ("because", models.TextField(blank=True)),
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
        migrations.RunSQL(STAGED, reverse_sql=UNDO),
    ]
