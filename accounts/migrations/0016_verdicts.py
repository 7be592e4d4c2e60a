"""Would they make the same choice? What customers answered, by whom, and who owned the account then.

- A customer is not asked that while feedback of theirs waits for us, also when two of us ask at once.
- An answer is of that account's contact, names who owned the account, and is reported by us only with their words.
- A lawful erasure reaches the words of an answer.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ASKS = """
CREATE OR REPLACE TRIGGER ask_answers_first BEFORE INSERT ON accounts_ask
    FOR EACH ROW WHEN (NEW.kind IN ('feedback', 'choice')) EXECUTE FUNCTION accounts_ask_answers_first();
"""

VERDICTS = """
CREATE FUNCTION accounts_verdict_is_theirs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    speaker accounts_user%ROWTYPE;
BEGIN
    SELECT * INTO speaker FROM accounts_user WHERE id = NEW.by_id;
    IF NOT EXISTS (SELECT FROM accounts_contact WHERE id = NEW.contact_id AND account_id = NEW.account_id)
       OR speaker.kind = 'customer' AND speaker.contact_id <> NEW.contact_id THEN
        RAISE EXCEPTION 'An answer is given by a contact of that account, and by nobody for another.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF speaker.kind <> 'customer' AND trim(NEW.words) = '' THEN
        RAISE EXCEPTION 'An answer that one of us reports comes with their words.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM accounts_coverage
                   WHERE id = NEW.coverage_id AND account_id = NEW.account_id AND role = 'owner') THEN
        RAISE EXCEPTION 'An answer names who owned that account.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER verdict_is_theirs BEFORE INSERT ON accounts_verdict
    FOR EACH ROW EXECUTE FUNCTION accounts_verdict_is_theirs();

CREATE FUNCTION accounts_erase_verdicts() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE accounts_verdict SET words = '[erased on request]' WHERE contact_id = NEW.contact_id AND words <> '';
    PERFORM accounts_blank('accounts_verdict', format('account_id = ANY (%L)', accounts_of_contact(NEW.contact_id)),
                           NEW.contact_id);
    RETURN NEW;
END $$;
-- Before the trigger that blanks the name itself.
CREATE TRIGGER a_verdicts_erase AFTER INSERT ON accounts_erasure
    FOR EACH ROW EXECUTE FUNCTION accounts_erase_verdicts();
"""
UNDO = """
DROP TRIGGER a_verdicts_erase ON accounts_erasure;
DROP FUNCTION accounts_erase_verdicts();
DROP TRIGGER verdict_is_theirs ON accounts_verdict;
DROP FUNCTION accounts_verdict_is_theirs();
CREATE OR REPLACE TRIGGER ask_answers_first BEFORE INSERT ON accounts_ask
    FOR EACH ROW WHEN (NEW.kind = 'feedback') EXECUTE FUNCTION accounts_ask_answers_first();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0015_contexts"),
    ]

    operations = [
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
                    models.CharField(
                        choices=[("yes", "Yes"), ("unsure", "Not sure"), ("no", "No")], max_length=6
                    ),
                ),
                ("words", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
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
        migrations.AlterField(
            model_name="ask",
            name="kind",
            field=models.CharField(
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
        migrations.AddField(
            model_name="verdict",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="verdicts", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="ask",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The question it answers; none, when they said so unasked.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="verdicts",
                to="accounts.ask",
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="by",
            field=models.ForeignKey(
                help_text="The contact, or whoever reports it.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="contact",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="verdicts", to="accounts.contact"
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="coverage",
            field=models.ForeignKey(
                help_text="Who owned the account then.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="verdicts",
                to="accounts.coverage",
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="follow_up",
            field=models.ForeignKey(
                blank=True,
                help_text="What became of a doubt.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.obligation",
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
        migrations.RunSQL(ASKS + VERDICTS, reverse_sql=UNDO),
    ]
