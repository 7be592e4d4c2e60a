"""The laws that PostgreSQL itself holds about changes of hands; see accounts/migrations/0002_laws.py for the how."""

from django.db import migrations

# An open handoff needs an open account; and what a customer was told of can no longer be undone, so whichever of
# telling and undoing comes second is refused.
DECLARATIONS = """
ALTER TABLE handoffs_handoff
    ADD COLUMN handing_id bigint GENERATED ALWAYS AS (
        CASE WHEN moved_at IS NULL AND refused_at IS NULL AND cancelled_at IS NULL THEN account_id END) STORED,
    ADD COLUMN told_id bigint GENERATED ALWAYS AS (
        CASE WHEN announced_at IS NOT NULL THEN transition_id END) STORED,
    ADD CONSTRAINT handoff_account_is_open FOREIGN KEY (handing_id) REFERENCES accounts_account (open_id)
        DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX handoff_handing ON handoffs_handoff (handing_id);

ALTER TABLE handoffs_transition
    ADD COLUMN standing_id bigint GENERATED ALWAYS AS (CASE WHEN undone_at IS NULL THEN id END) STORED,
    ADD CONSTRAINT transition_standing_once UNIQUE (standing_id);
ALTER TABLE handoffs_handoff
    ADD CONSTRAINT undone_before_anyone_was_told FOREIGN KEY (told_id) REFERENCES handoffs_transition (standing_id)
        DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX handoff_told ON handoffs_handoff (told_id);
"""

ERASURE = """
CREATE FUNCTION handoffs_erase() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    person accounts_contactevent%ROWTYPE;
    theirs bigint[];
BEGIN
    SELECT array_agg(h.id) INTO theirs FROM handoffs_handoff h JOIN accounts_account a ON a.id = h.account_id
        WHERE a.id = (SELECT account_id FROM accounts_contact WHERE id = NEW.contact_id)
           OR a.merged_into_id = (SELECT account_id FROM accounts_contact WHERE id = NEW.contact_id);
    FOR person IN SELECT DISTINCT ON (name, email) * FROM accounts_contactevent WHERE id = NEW.contact_id LOOP
        UPDATE handoffs_approval SET brief = accounts_without(brief::text, person.name, person.email)::jsonb,
                                     because = accounts_without(because, person.name, person.email)
            WHERE handoff_id = ANY (theirs);
        UPDATE handoffs_readback SET stands = accounts_without(stands, person.name, person.email),
            first_call = accounts_without(first_call, person.name, person.email),
            promised = accounts_without(promised, person.name, person.email),
            could_go_wrong = accounts_without(could_go_wrong, person.name, person.email),
            note = accounts_without(note, person.name, person.email) WHERE handoff_id = ANY (theirs);
        UPDATE handoffs_checklistitem SET text = accounts_without(text, person.name, person.email),
            why = accounts_without(why, person.name, person.email),
            waived_because = accounts_without(waived_because, person.name, person.email)
            WHERE handoff_id = ANY (theirs);
    END LOOP;
    RETURN NEW;
END $$;

-- Named so that it runs before accounts' own (triggers run by name): that one blanks the name we look for here.
CREATE TRIGGER a_handoffs_erase AFTER INSERT ON accounts_erasure
    FOR EACH ROW EXECUTE FUNCTION handoffs_erase();
"""

UNDO = """
DROP TRIGGER a_handoffs_erase ON accounts_erasure;
DROP FUNCTION handoffs_erase();
ALTER TABLE handoffs_handoff DROP COLUMN handing_id CASCADE, DROP COLUMN told_id CASCADE;
ALTER TABLE handoffs_transition DROP COLUMN standing_id CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0001_initial"), ("accounts", "0002_laws")]

    operations = [migrations.RunSQL(DECLARATIONS + ERASURE, reverse_sql=UNDO)]
