"""What weighs on a contact for a while. A lawful erasure reaches it, and what was said of others that names them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ERASURE = """
CREATE FUNCTION accounts_erase_contexts() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE accounts_context SET text = '[erased on request]' WHERE contact_id = NEW.contact_id;
    PERFORM accounts_blank('accounts_context', format(
        'contact_id IN (SELECT id FROM accounts_contact WHERE account_id = ANY (%L))',
        accounts_of_contact(NEW.contact_id)), NEW.contact_id);
    RETURN NEW;
END $$;
-- Before the trigger that blanks the name itself.
CREATE TRIGGER a_contexts_erase AFTER INSERT ON accounts_erasure
    FOR EACH ROW EXECUTE FUNCTION accounts_erase_contexts();
"""
UNDO = "DROP TRIGGER a_contexts_erase ON accounts_erasure; DROP FUNCTION accounts_erase_contexts();"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0014_topics_are_kept"),
    ]

    operations = [
        migrations.CreateModel(
            name="Context",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=300)),
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
                ("at", models.DateTimeField(auto_now_add=True)),
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
        migrations.RunSQL(ERASURE, reverse_sql=UNDO),
    ]
