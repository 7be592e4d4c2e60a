"""The laws of changing hands that PostgreSQL itself keeps, in the order in which the README lists them.

How they are made is said in `accounts/migrations/0002_laws.py`. Law 3, nobody takes over unread, is a check that the
models of handoffs and read-backs declare.
"""

from django.db import migrations

# ---- 1. Nothing is forgotten

# An erasure reaches every word about that account's changes of hands. The reason of a transition is copied to every
# account that it moves. Named so that it runs before accounts' own, which takes away the name we look for here.
ERASURE = """
CREATE FUNCTION handoffs_erase() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    theirs bigint[] := accounts_of_contact(NEW.contact_id);
    changes bigint[] := (SELECT array_agg(DISTINCT transition_id) FROM handoffs_move WHERE account_id = ANY (theirs));
    touched bigint[] := (SELECT array_agg(DISTINCT account_id) FROM handoffs_move WHERE transition_id = ANY (changes));
    place text;
BEGIN
    FOREACH place IN ARRAY ARRAY['handoffs_move', 'handoffs_handoff', 'handoffs_handoffevent'] LOOP
        PERFORM accounts_blank(place::regclass, format('account_id = ANY (%L) OR transition_id = ANY (%L)', theirs, changes),
                               NEW.contact_id);
    END LOOP;
    FOREACH place IN ARRAY ARRAY['handoffs_approval', 'handoffs_readback', 'handoffs_checklistitem',
                                'handoffs_checklistitemevent', 'handoffs_holdout', 'handoffs_inquiry'] LOOP
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

CREATE TRIGGER a_handoffs_erase AFTER INSERT ON accounts_erasure
    FOR EACH ROW EXECUTE FUNCTION handoffs_erase();
"""

# Who is leaving or away stands on the person, so that memory knows it without knowing of transitions: from the first day
# of a departure or leave that is neither over nor taken back.
NOTICE = """
CREATE FUNCTION handoffs_notice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    leaving handoffs_transition;
    away handoffs_transition;
BEGIN
    SELECT * INTO leaving FROM handoffs_transition WHERE person_id = NEW.person_id AND kind = 'departure'
        AND ended_at IS NULL AND undone_at IS NULL AND cancelled_at IS NULL;
    SELECT * INTO away FROM handoffs_transition WHERE person_id = NEW.person_id AND kind = 'leave'
        AND ended_at IS NULL AND undone_at IS NULL AND cancelled_at IS NULL;
    UPDATE accounts_user
    SET notice_at = CASE WHEN leaving.id IS NOT NULL THEN coalesce(notice_at, accounts_now()) END,
        leaves_on = leaving.last_day, away_from = away.accountable_on, back_on = away.return_on
    WHERE id = NEW.person_id AND (notice_at IS NOT NULL, leaves_on, away_from, back_on) IS DISTINCT FROM
        (leaving.id IS NOT NULL, leaving.last_day, away.accountable_on, away.return_on);
    RETURN NULL;
END $$;
CREATE TRIGGER notice AFTER INSERT OR UPDATE OF person_id, kind, ended_at, undone_at, cancelled_at, last_day,
        accountable_on, return_on ON handoffs_transition
    FOR EACH ROW WHEN (NEW.kind IN ('departure', 'leave')) EXECUTE FUNCTION handoffs_notice();

CREATE FUNCTION handoffs_leaver_waives() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF accounts_is_leaving(NEW.waived_by_id) THEN
        RAISE EXCEPTION 'Whoever is leaving adds to the memory. A second person has to agree to this.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER leaver_waives BEFORE UPDATE OF waived_at ON handoffs_checklistitem FOR EACH ROW
    WHEN (OLD.waived_at IS NULL AND NEW.waived_at IS NOT NULL) EXECUTE FUNCTION handoffs_leaver_waives();
"""

# ---- 2. Nobody is dropped

# An open handoff needs an open account.
HANDED_OVER_WHILE_OPEN = """
ALTER TABLE handoffs_handoff
    ADD COLUMN open_for_id bigint GENERATED ALWAYS AS (
        CASE WHEN moved_at IS NULL AND refused_at IS NULL AND cancelled_at IS NULL THEN account_id END) STORED,
    ADD CONSTRAINT handoff_account_is_open FOREIGN KEY (open_for_id) REFERENCES accounts_account (open_id)
        DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX handoff_open_for ON handoffs_handoff (open_for_id);
"""

# ---- 7. Every change happens once, and can be taken back

# A move opens one handoff, also when two workers start the same wave.
ONE_HANDOFF_A_MOVE = """
ALTER TABLE handoffs_handoff RENAME CONSTRAINT handoffs_handoff_move_id_key TO handoff_once_per_move;
"""

# What a customer was told of can no longer be undone: whichever of telling and undoing comes second is refused.
UNDONE_BEFORE_ANYONE_WAS_TOLD = """
ALTER TABLE handoffs_transition
    ADD COLUMN in_force_id bigint GENERATED ALWAYS AS (CASE WHEN undone_at IS NULL THEN id END) STORED,
    ADD CONSTRAINT transition_in_force_once UNIQUE (in_force_id);

ALTER TABLE handoffs_handoff
    ADD COLUMN announced_id bigint GENERATED ALWAYS AS (
        CASE WHEN announced_at IS NOT NULL THEN transition_id END) STORED,
    ADD CONSTRAINT undone_before_anyone_was_told FOREIGN KEY (announced_id) REFERENCES handoffs_transition (in_force_id)
        DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX handoff_announced ON handoffs_handoff (announced_id);
"""

# Announced means that somebody there was told: a letter to them was sent, or a call with them was written down.
ANNOUNCED_WHEN_TOLD = """
CREATE FUNCTION handoffs_announced_when_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM handoffs_notification WHERE handoff_id = NEW.id) THEN
        RAISE EXCEPTION 'Nobody there has been told yet. A letter has to be sent, or a call written down, first.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER announced_when_told BEFORE INSERT OR UPDATE OF announced_at ON handoffs_handoff FOR EACH ROW
    WHEN (NEW.announced_at IS NOT NULL) EXECUTE FUNCTION handoffs_announced_when_told();

CREATE FUNCTION handoffs_told_by_what_happened() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    theirs CONSTANT bigint := (SELECT account_id FROM handoffs_handoff WHERE id = NEW.handoff_id);
BEGIN
    IF theirs IS DISTINCT FROM (SELECT account_id FROM accounts_contact WHERE id = NEW.contact_id)
       OR NEW.letter_id IS NOT NULL AND NOT EXISTS (
           SELECT FROM accounts_letter WHERE id = NEW.letter_id AND sent_at IS NOT NULL AND account_id = theirs)
       OR NEW.entry_id IS NOT NULL AND NOT EXISTS (
           SELECT FROM accounts_entry e JOIN accounts_mention m ON m.entry_id = e.id
           WHERE e.id = NEW.entry_id AND e.account_id = theirs AND m.contact_id = NEW.contact_id) THEN
        RAISE EXCEPTION 'Whoever was told is one of theirs, by a letter that was sent or by a call on their thread.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER told_by_what_happened BEFORE INSERT ON handoffs_notification FOR EACH ROW
    EXECUTE FUNCTION handoffs_told_by_what_happened();
"""

LAWS = [
    ERASURE,
    NOTICE,
    HANDED_OVER_WHILE_OPEN,
    ONE_HANDOFF_A_MOVE,
    UNDONE_BEFORE_ANYONE_WAS_TOLD,
    ANNOUNCED_WHEN_TOLD,
]


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0001_initial"), ("accounts", "0003_erasure")]

    operations = [migrations.RunSQL(law) for law in LAWS]
