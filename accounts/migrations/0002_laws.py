"""The laws of memory that PostgreSQL itself keeps, in the order in which the README lists them.

Here stands what a model cannot declare. Checks and uniqueness stand on the models; what the site's role may do to
each table, and which rows a customer may read, is granted anew after every migration, because it depends on the
name of that role (`grants.py`, `row_security.py`). Lawful erasure has the next migration to itself.

A law is a declaration wherever it can be: a stored generated column says when a row counts (a person who is active,
a row of coverage that is current, a line that is open), and a foreign key over such columns, checked at the end of
the transaction, says what it needs. Unlike a trigger, a foreign key takes the row locks that decide a race between
giving and leaving. A trigger does what a declaration cannot: compare with the row before, with other rows, or with
the clock.
"""

from django.db import migrations

# ---- 1. Nothing is forgotten

# An answer is superseded once, so that two people cannot each replace it without knowing of the other.
FACTS_ARE_SUPERSEDED_ONCE = """
ALTER TABLE accounts_fact RENAME CONSTRAINT accounts_fact_supersedes_id_key TO fact_superseded_once;
"""

# No answer is lost under a topic that was merged away: whoever writes holds the topic, and merging waits for them.
ANSWERS_STAND_UNDER_LIVE_TOPICS = """
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

# Whoever is leaving takes nothing back and closes nothing that others depend on, unless a second person has agreed; what
# they wrote a moment ago nobody depends on yet. Their manager, who is not leaving, may do it as ever.
LEAVERS_ADD = """
CREATE FUNCTION accounts_is_leaving(person bigint) RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT EXISTS (SELECT FROM accounts_user WHERE id = person AND notice_at IS NOT NULL) $$;

CREATE FUNCTION accounts_leaver_retracts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF accounts_is_leaving(NEW.by_id) AND NOT EXISTS (
        SELECT FROM accounts_countersignature c WHERE c.agreed AND c.by_id = NEW.by_id
            AND (c.entry_id = NEW.entry_id OR c.fact_id = NEW.fact_id)
    ) AND NOT EXISTS (
        SELECT FROM accounts_entry e WHERE e.id = NEW.entry_id AND e.author_id = NEW.by_id
            AND e.recorded_at > accounts_now() - interval '10 minutes'
        UNION ALL
        SELECT FROM accounts_fact f WHERE f.id = NEW.fact_id AND f.author_id = NEW.by_id
            AND f.at > accounts_now() - interval '10 minutes'
    ) THEN
        RAISE EXCEPTION 'Whoever is leaving adds to the memory. A second person has to agree to this.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER leaver_retracts BEFORE INSERT ON accounts_retraction
    FOR EACH ROW EXECUTE FUNCTION accounts_leaver_retracts();

CREATE FUNCTION accounts_leaver_closes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF accounts_is_leaving(NEW.closed_by_id) AND NOT EXISTS (
        SELECT FROM accounts_countersignature c
        WHERE c.agreed AND c.by_id = NEW.closed_by_id AND c.obligation_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'Whoever is leaving adds to the memory. A second person has to agree to this.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER leaver_closes BEFORE UPDATE OF closed_at ON accounts_obligation FOR EACH ROW
    WHEN (OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL
          AND NEW.kind IN ('promise', 'question', 'feedback', 'repair')
          AND NEW.outcome NOT IN ('lapsed', 'account_closed', 'retracted'))
    EXECUTE FUNCTION accounts_leaver_closes();

CREATE FUNCTION accounts_leaver_undoes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF accounts_is_leaving(NEW.by_id) AND NOT EXISTS (
        SELECT FROM accounts_sortedpassage s WHERE s.id = NEW.sorting_id AND (
            s.became = 'nothing'
            OR s.by_id = NEW.by_id AND s.at > accounts_now() - interval '10 minutes'
            OR EXISTS (SELECT FROM accounts_countersignature c WHERE c.agreed AND c.by_id = NEW.by_id
                       AND (c.fact_id = s.fact_id OR c.obligation_id = s.obligation_id)))
    ) THEN
        RAISE EXCEPTION 'Whoever is leaving adds to the memory. A second person has to agree to this.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER leaver_undoes BEFORE INSERT ON accounts_undonesorting
    FOR EACH ROW EXECUTE FUNCTION accounts_leaver_undoes();

CREATE FUNCTION accounts_leaver_closes_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF accounts_is_leaving(NEW.closed_by_id) THEN
        RAISE EXCEPTION 'Whoever is leaving adds to the memory. A second person has to agree to this.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER leaver_closes BEFORE UPDATE OF closed_at ON accounts_account FOR EACH ROW
    WHEN (OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL)
    EXECUTE FUNCTION accounts_leaver_closes_account();
"""

# A promise that was broken keeps the day and who held it, even when it is kept later.
BROKEN_STAYS_BROKEN = """
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

# A day ends at midnight where the customer is, so every zone is one that PostgreSQL knows.
TIME_ZONES_ARE_KNOWN = """
ALTER TABLE accounts_account ADD CONSTRAINT account_time_zone_is_known
    CHECK (TIMESTAMPTZ '2000-01-01 00:00Z' AT TIME ZONE time_zone IS NOT NULL);
ALTER TABLE accounts_organisation ADD CONSTRAINT organisation_time_zone_is_known
    CHECK (TIMESTAMPTZ '2000-01-01 00:00Z' AT TIME ZONE time_zone IS NOT NULL);
"""

# ---- 2. Nobody is dropped

# Whoever serves an account, or is the person of last resort, is active and a colleague: a customer is neither.
ACTIVE_COLLEAGUES = """
ALTER TABLE accounts_user
    ADD COLUMN active_id bigint
        GENERATED ALWAYS AS (CASE WHEN is_active AND kind <> 'customer' THEN id END) STORED,
    ADD CONSTRAINT user_active_once UNIQUE (active_id);

ALTER TABLE accounts_organisation
    ADD CONSTRAINT last_resort_is_active FOREIGN KEY (last_resort_id) REFERENCES accounts_user (active_id)
    DEFERRABLE INITIALLY DEFERRED;
"""

# Once there is a person of last resort there always is one, so that a search for a manager ends.
LAST_RESORT_STAYS = """
CREATE FUNCTION accounts_last_resort_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.last_resort_id IS NOT NULL AND NEW.last_resort_id IS NULL THEN
        RAISE EXCEPTION 'There must always be a person of last resort. Name another instead.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER last_resort_stays BEFORE UPDATE OF last_resort_id ON accounts_organisation
    FOR EACH ROW EXECUTE FUNCTION accounts_last_resort_stays();
"""

# A cycle takes two changes at once as easily as one, so they queue behind one advisory lock. An AFTER trigger locks
# the row less than a BEFORE trigger: a person whose line changes can be named meanwhile.
REPORTING_LINES_END = """
CREATE FUNCTION accounts_user_reports() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reports_to_id IS NULL THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('accounts_user.reports_to'));
    IF EXISTS (
        WITH RECURSIVE above(id) AS (
            SELECT NEW.reports_to_id
            UNION SELECT u.reports_to_id FROM accounts_user u JOIN above ON u.id = above.id
                WHERE u.reports_to_id IS NOT NULL
        ) SELECT 1 FROM above WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION 'Reporting lines cannot go round in a circle.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER user_reports AFTER INSERT OR UPDATE OF reports_to_id ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION accounts_user_reports();
"""

# Somebody who signs in works in operations, once anybody does: else nobody could add people or change what they are.
OPERATIONS_STAY = """
CREATE FUNCTION accounts_operations_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('accounts_user.operations'));
    IF NOT EXISTS (SELECT FROM accounts_user WHERE kind = 'operations' AND is_active) THEN
        RAISE EXCEPTION 'Nobody else works in operations. Add another first.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER operations_stay AFTER UPDATE OF kind, is_active ON accounts_user
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.kind = 'operations' AND OLD.is_active AND NOT (NEW.kind = 'operations' AND NEW.is_active))
    EXECUTE FUNCTION accounts_operations_stay();
"""

# An open account has one owner; whoever serves it is an active colleague; nobody serves a closed one.
ONE_OWNER = """
ALTER TABLE accounts_account
    ADD COLUMN open_id bigint GENERATED ALWAYS AS (CASE WHEN closed_at IS NULL THEN id END) STORED,
    ADD CONSTRAINT account_open_once UNIQUE (open_id);

ALTER TABLE accounts_coverage
    ADD COLUMN serving_id bigint GENERATED ALWAYS AS (CASE WHEN ended_at IS NULL THEN person_id END) STORED,
    ADD COLUMN served_id bigint GENERATED ALWAYS AS (CASE WHEN ended_at IS NULL THEN account_id END) STORED,
    ADD COLUMN owner_of bigint
        GENERATED ALWAYS AS (CASE WHEN ended_at IS NULL AND role = 'owner' THEN account_id END) STORED,
    ADD CONSTRAINT coverage_one_owner UNIQUE (owner_of),
    ADD CONSTRAINT coverage_serves_once UNIQUE (account_id, role, serving_id),
    ADD CONSTRAINT coverage_person_is_active FOREIGN KEY (serving_id) REFERENCES accounts_user (active_id)
        DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT coverage_ends_with_account FOREIGN KEY (served_id) REFERENCES accounts_account (open_id)
        DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE accounts_account
    ADD CONSTRAINT account_has_owner FOREIGN KEY (open_id) REFERENCES accounts_coverage (owner_of)
    DEFERRABLE INITIALLY DEFERRED;
"""

# Coverage says who serves, never who will: it is ended once, and one owner starts at the instant the other ends.
OWNERS_FOLLOW_WITHOUT_A_GAP = """
CREATE FUNCTION accounts_coverage_tenures() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_end timestamptz;
BEGIN
    IF NEW.started_at > accounts_now() OR NEW.ended_at > accounts_now() THEN
        RAISE EXCEPTION 'Coverage records what is, never what is planned: its dates cannot lie in the future.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        -- Only an erasure, which runs with the rights of the table's owner, may touch the words of an ended row.
        IF OLD.ended_at IS NOT NULL AND (
            NEW.ended_at IS DISTINCT FROM OLD.ended_at
            OR current_user <> (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)
        ) THEN
            RAISE EXCEPTION 'This coverage has already ended. Somebody else may just have changed it.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.role = 'owner' THEN
        IF EXISTS (SELECT 1 FROM accounts_coverage WHERE owner_of = NEW.account_id) THEN
            RAISE EXCEPTION 'This account already has an owner.'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'coverage_one_owner';
        END IF;
        SELECT max(ended_at) INTO last_end
            FROM accounts_coverage WHERE account_id = NEW.account_id AND role = 'owner';
        IF last_end IS NOT NULL AND NEW.started_at <> last_end THEN
            RAISE EXCEPTION 'An owner starts at the very instant the one before ended.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER coverage_tenures BEFORE INSERT OR UPDATE ON accounts_coverage
    FOR EACH ROW EXECUTE FUNCTION accounts_coverage_tenures();
"""

# Whoever holds an open obligation or deal serves that account in the role it belongs to.
HOLDERS_SERVE = """
ALTER TABLE accounts_obligation
    ADD COLUMN holding_id bigint GENERATED ALWAYS AS (CASE WHEN closed_at IS NULL THEN holder_id END) STORED,
    ADD CONSTRAINT obligation_holder_serves FOREIGN KEY (account_id, role, holding_id)
        REFERENCES accounts_coverage (account_id, role, serving_id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX obligation_holding ON accounts_obligation (account_id, role, holding_id);

ALTER TABLE accounts_deal
    ADD COLUMN holding_id bigint GENERATED ALWAYS AS (CASE WHEN closed_at IS NULL THEN holder_id END) STORED,
    ADD CONSTRAINT deal_holder_serves FOREIGN KEY (account_id, role, holding_id)
        REFERENCES accounts_coverage (account_id, role, serving_id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX deal_holding ON accounts_deal (account_id, role, holding_id);
"""

# What we owe ends with the account only when the account is closed.
NOTHING_ENDS_BEFORE_ITS_ACCOUNT = """
ALTER TABLE accounts_account
    ADD COLUMN closed_id bigint GENERATED ALWAYS AS (CASE WHEN closed_at IS NOT NULL THEN id END) STORED,
    ADD CONSTRAINT account_closed_once UNIQUE (closed_id);

ALTER TABLE accounts_obligation
    ADD COLUMN ended_with_id bigint
        GENERATED ALWAYS AS (CASE WHEN outcome = 'account_closed' THEN account_id END) STORED,
    ADD CONSTRAINT obligation_ends_with_account FOREIGN KEY (ended_with_id) REFERENCES accounts_account (closed_id)
        DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX obligation_ended_with ON accounts_obligation (ended_with_id);
"""

# ---- 4. Nothing leaks: who may come in (what a customer may read is in `row_security.py`; 3 is kept by handoffs)

# A session ends with what it was opened for, and names nobody who has no access: the lock makes a sign-in and the end
# of somebody's access wait for each other. (The site reads a session that names nobody as nobody's.)
SESSIONS_END = """
CREATE FUNCTION accounts_sessions_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM accounts_session WHERE user_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER sessions_end AFTER UPDATE ON accounts_user FOR EACH ROW
    WHEN (NOT NEW.is_active OR NEW.access_ended_at IS NOT NULL
          OR (lower(OLD.email), OLD.kind, OLD.contact_id) IS DISTINCT FROM (lower(NEW.email), NEW.kind, NEW.contact_id))
    EXECUTE FUNCTION accounts_sessions_end();

CREATE FUNCTION accounts_session_opens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM accounts_user WHERE id = NEW.user_id AND is_active AND access_ended_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        NEW.user_id := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER session_opens BEFORE INSERT OR UPDATE OF user_id ON accounts_session FOR EACH ROW
    WHEN (NEW.user_id IS NOT NULL) EXECUTE FUNCTION accounts_session_opens();
"""

# Whoever left the customer, was erased, or belongs to another account since (a merge) signs in no more, and nobody does
# for a closed account. Coming back takes a new invitation.
CONTACTS_WHO_LEFT_STAY_OUT = """
CREATE FUNCTION accounts_sign_ins_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'accounts_contact' THEN
        UPDATE accounts_user SET is_active = false, deactivated_at = accounts_now()
            WHERE is_active AND contact_id = NEW.id;
    ELSE
        UPDATE accounts_user SET is_active = false, deactivated_at = accounts_now()
            WHERE is_active AND contact_id IN (SELECT id FROM accounts_contact WHERE account_id = NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER sign_in_ends AFTER UPDATE ON accounts_contact FOR EACH ROW
    WHEN (NEW.left_on IS NOT NULL OR NEW.erased_at IS NOT NULL OR NEW.account_id <> OLD.account_id)
    EXECUTE FUNCTION accounts_sign_ins_end();
CREATE TRIGGER sign_ins_end AFTER UPDATE OF closed_at ON accounts_account FOR EACH ROW
    WHEN (NEW.closed_at IS NOT NULL) EXECUTE FUNCTION accounts_sign_ins_end();

CREATE FUNCTION accounts_contact_may_sign_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM accounts_contact c JOIN accounts_account a ON a.id = c.account_id
        WHERE c.id = NEW.contact_id AND c.left_on IS NULL AND c.erased_at IS NULL AND a.closed_at IS NULL
        FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'They have left, or their account is closed: nobody signs in for it.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
-- AFTER: a BEFORE trigger would lock every person more than a change of reporting lines may.
CREATE TRIGGER contact_may_sign_in AFTER INSERT OR UPDATE OF is_active, contact_id ON accounts_user FOR EACH ROW
    WHEN (NEW.is_active AND NEW.contact_id IS NOT NULL) EXECUTE FUNCTION accounts_contact_may_sign_in();
"""

# ---- 5. Only the customer closes what the customer raised

# The customer who agrees is somebody of that account.
WHO_AGREES_IS_THEIRS = """
CREATE FUNCTION accounts_agreed_by_theirs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM accounts_contact WHERE id = NEW.agreed_by_id AND account_id = NEW.account_id) THEN
        RAISE EXCEPTION 'That contact belongs to another account.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER agreed_by_theirs BEFORE INSERT OR UPDATE OF agreed_by_id ON accounts_obligation
    FOR EACH ROW WHEN (NEW.agreed_by_id IS NOT NULL) EXECUTE FUNCTION accounts_agreed_by_theirs();
"""

# What nobody answers lapses on the day that was stated, no sooner.
LAPSES_ON_ITS_DAY = """
ALTER TABLE accounts_obligation ADD CONSTRAINT obligation_lapses_on_its_day
    CHECK (outcome <> 'lapsed' OR lapses_on <= (closed_at AT TIME ZONE 'UTC')::date);
"""

# What somebody noted by mistake was never raised: for ten minutes it goes with the note that wrote it down, unless
# the customer was shown it or it was answered. So does what a passage was sorted into wrongly, unless it was broken.
TAKEN_BACK_WITH_ITS_NOTE = """
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
    IF NEW.shared_at IS NULL AND NEW.answered_at IS NULL AND NEW.broken_at IS NULL AND EXISTS (
        SELECT FROM accounts_sortedpassage s JOIN accounts_undonesorting u ON u.sorting_id = s.id
        WHERE s.obligation_id = NEW.id
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

# Nobody asks a customer what they think while feedback of theirs waits for us, also when two of us ask at once.
ANSWER_BEFORE_ASKING = """
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
    FOR EACH ROW WHEN (NEW.kind IN ('feedback', 'choice')) EXECUTE FUNCTION accounts_ask_answers_first();
"""

# ---- 6. Every line says who, when and from what

# Whoever imports writes in nobody else's name, unless they work in operations: others are named in words.
IMPORTS_SPEAK_FOR_NOBODY = """
CREATE FUNCTION accounts_entry_is_theirs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM accounts_user WHERE id = NEW.imported_by_id AND kind = 'operations') THEN
        RAISE EXCEPTION 'Only operations bring in what a colleague wrote.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER entry_is_theirs BEFORE INSERT ON accounts_entry FOR EACH ROW
    WHEN (NEW.imported_by_id <> NEW.author_id) EXECUTE FUNCTION accounts_entry_is_theirs();
"""

# Whether they would make the same choice is answered by a contact of that account, under an owner of that account,
# and one of us reports it only with their words.
VERDICTS_SAY_WHO = """
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
"""

# Where the words of an entry change (an erasure), the places in it that somebody sorted are forgotten: they would mark
# other words. What became of them stays.
SORTED_PLACES_FIT_THEIR_WORDS = """
CREATE FUNCTION accounts_forget_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts_sortedpassage SET start = NULL, "end" = NULL WHERE entry_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_forgets_places AFTER UPDATE ON accounts_entry FOR EACH ROW
    WHEN (OLD.text <> NEW.text) EXECUTE FUNCTION accounts_forget_places();
"""

# A place is sorted anew only where nobody's sorting of it stands. Of two who do so at once one takes the turn (an
# exclusion constraint), and each turn follows one that was undone.
SORTED_ANEW_WHERE_UNDONE = """
CREATE FUNCTION accounts_sorted_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    earlier boolean;
    undone boolean;
BEGIN
    SELECT coalesce(bool_or(s.turn = NEW.turn - 1), false), coalesce(bool_and(u.id IS NOT NULL), true)
        INTO earlier, undone
        FROM accounts_sortedpassage s LEFT JOIN accounts_undonesorting u ON u.sorting_id = s.id
        WHERE s.entry_id = NEW.entry_id AND s.start < NEW."end" AND s."end" > NEW.start;
    IF NOT undone OR NEW.turn > 0 AND NOT earlier THEN
        RAISE EXCEPTION 'Somebody has sorted this meanwhile.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'passage_sorted_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sorted_once BEFORE INSERT ON accounts_sortedpassage FOR EACH ROW
    WHEN (NEW.start IS NOT NULL) EXECUTE FUNCTION accounts_sorted_once();
"""

# What somebody takes along is handed out to them alone, whole, within its day, and while they work here.
EXPORTS_END_WITH_ACCESS = """
CREATE FUNCTION accounts_export_is_theirs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM accounts_export e JOIN accounts_user u ON u.id = e.by_id
                   WHERE e.id = NEW.export_id AND e.finished_at IS NOT NULL AND e.expires_at > accounts_now()
                     AND u.is_active AND u.access_ended_at IS NULL AND u.kind <> 'customer') THEN
        RAISE EXCEPTION 'There is no file of it for them any more.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'export_is_theirs';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER export_is_theirs BEFORE INSERT ON accounts_exportdownload FOR EACH ROW
    EXECUTE FUNCTION accounts_export_is_theirs();
"""

LAWS = [
    FACTS_ARE_SUPERSEDED_ONCE,
    ANSWERS_STAND_UNDER_LIVE_TOPICS,
    LEAVERS_ADD,
    BROKEN_STAYS_BROKEN,
    TIME_ZONES_ARE_KNOWN,
    ACTIVE_COLLEAGUES,
    LAST_RESORT_STAYS,
    REPORTING_LINES_END,
    OPERATIONS_STAY,
    ONE_OWNER,
    OWNERS_FOLLOW_WITHOUT_A_GAP,
    HOLDERS_SERVE,
    NOTHING_ENDS_BEFORE_ITS_ACCOUNT,
    SESSIONS_END,
    CONTACTS_WHO_LEFT_STAY_OUT,
    WHO_AGREES_IS_THEIRS,
    LAPSES_ON_ITS_DAY,
    TAKEN_BACK_WITH_ITS_NOTE,
    ANSWER_BEFORE_ASKING,
    IMPORTS_SPEAK_FOR_NOBODY,
    VERDICTS_SAY_WHO,
    SORTED_PLACES_FIT_THEIR_WORDS,
    SORTED_ANEW_WHERE_UNDONE,
    EXPORTS_END_WITH_ACCESS,
]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(law) for law in LAWS]
