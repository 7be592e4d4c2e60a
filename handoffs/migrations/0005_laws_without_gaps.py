"""An erasure reaches every word about the account's changes of hands; a second opening of a move has its sentence."""

from django.db import migrations

ERASURE = """
CREATE OR REPLACE FUNCTION handoffs_erase() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    theirs bigint[] := accounts_of_contact(NEW.contact_id);
    changes bigint[] := (SELECT array_agg(DISTINCT transition_id) FROM handoffs_move WHERE account_id = ANY (theirs));
    -- The reason of a transition is copied to every account that it moves.
    touched bigint[] := (SELECT array_agg(DISTINCT account_id) FROM handoffs_move WHERE transition_id = ANY (changes));
    place text;
BEGIN
    FOREACH place IN ARRAY ARRAY['handoffs_move', 'handoffs_handoff', 'handoffs_handoffevent'] LOOP
        PERFORM accounts_blank(place::regclass, format('account_id = ANY (%L) OR transition_id = ANY (%L)', theirs, changes),
                               NEW.contact_id);
    END LOOP;
    FOREACH place IN ARRAY ARRAY['handoffs_approval', 'handoffs_readback', 'handoffs_checklistitem', 'handoffs_holdout'] LOOP
        PERFORM accounts_blank(place::regclass, format(
            'handoff_id IN (SELECT id FROM handoffs_handoff WHERE account_id = ANY (%L))', theirs), NEW.contact_id);
    END LOOP;
    FOREACH place IN ARRAY ARRAY['handoffs_transition', 'handoffs_transitionevent'] LOOP
        PERFORM accounts_blank(place::regclass, format('id = ANY (%L)', changes), NEW.contact_id);
    END LOOP;
    PERFORM accounts_blank('handoffs_approval', format('transition_id = ANY (%L)', changes), NEW.contact_id);
    PERFORM accounts_blank('accounts_coverage', format('account_id = ANY (%L)', touched), NEW.contact_id);
    PERFORM accounts_blank('accounts_entry', format('account_id = ANY (%L) AND coverage_id IS NOT NULL', touched),
                           NEW.contact_id);
    RETURN NEW;
END $$;

ALTER TABLE handoffs_handoff RENAME CONSTRAINT handoffs_handoff_move_id_key TO handoff_once_per_move;
"""


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0003_checklists"), ("accounts", "0008_laws_without_gaps")]

    operations = [migrations.RunSQL(ERASURE, reverse_sql=migrations.RunSQL.noop)]
