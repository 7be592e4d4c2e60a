"""What a note wrote down, and its undo.

What the customer raised is closed by the customer alone, but what somebody noted by mistake was never raised. So for
ten minutes it goes with its note, and PostgreSQL sees to it that this is so: the note was taken back, it is the note
that wrote the line down, and the line was neither shown to the customer nor answered.
"""

import django.db.models.deletion
from django.db import migrations, models

TAKEN_BACK = """
CREATE FUNCTION accounts_obligation_taken_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.shared_at IS NULL AND NEW.answered_at IS NULL AND EXISTS (
        SELECT FROM accounts_notepart part
        JOIN accounts_entry note ON note.id = part.note_id
        JOIN accounts_retraction r ON r.entry_id = note.id
        WHERE part.obligation_id = NEW.id AND r.at <= note.recorded_at + interval '10 minutes'
          AND note.recorded_at <= (SELECT min(recorded_at) FROM accounts_entry WHERE obligation_id = NEW.id)
    ) THEN
        RETURN NEW;
    END IF;
    IF NEW.kind IN ('question', 'feedback', 'repair') THEN
        RAISE EXCEPTION 'Only the customer can close what the customer raised.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'customer_closes_what_they_raised';
    END IF;
    RAISE EXCEPTION 'Only what was noted by mistake goes with its note, and only within ten minutes.'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER obligation_taken_back BEFORE INSERT OR UPDATE OF outcome ON accounts_obligation
    FOR EACH ROW WHEN (NEW.outcome = 'retracted') EXECUTE FUNCTION accounts_obligation_taken_back();
"""
UNDO = """
DROP TRIGGER obligation_taken_back ON accounts_obligation;
DROP FUNCTION accounts_obligation_taken_back();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_laws_without_gaps"),
    ]

    operations = [
        migrations.CreateModel(
            name="NotePart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
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
        migrations.RemoveConstraint(
            model_name="obligation",
            name="customer_closes_what_they_raised",
        ),
        migrations.AlterField(
            model_name="obligation",
            name="outcome",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="obligationevent",
            name="outcome",
            field=models.CharField(
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
        migrations.AddField(
            model_name="notepart",
            name="entry",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="note_part",
                to="accounts.entry",
            ),
        ),
        migrations.AddField(
            model_name="notepart",
            name="fact",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="note_part",
                to="accounts.fact",
            ),
        ),
        migrations.AddField(
            model_name="notepart",
            name="obligation",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="note_part",
                to="accounts.obligation",
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
        migrations.RunSQL(TAKEN_BACK, reverse_sql=UNDO),
    ]
