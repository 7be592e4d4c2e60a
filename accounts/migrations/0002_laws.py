"""The laws that PostgreSQL itself holds about memory (the README's "Laws" says which is which).

They are declarations wherever they can be: a stored generated column says when a row counts (a person who is
active, a row of coverage that is current, a line that is open), and a composite foreign key over such columns,
checked at the end of the transaction, says what it needs. Unlike a trigger, a foreign key takes the row locks
that decide a race between giving and leaving.
"""

from django.db import migrations

ACTIVE_PEOPLE = """
ALTER TABLE accounts_user
    ADD COLUMN active_id bigint GENERATED ALWAYS AS (CASE WHEN is_active THEN id END) STORED,
    ADD CONSTRAINT user_active_once UNIQUE (active_id);

ALTER TABLE accounts_organisation
    ADD CONSTRAINT last_resort_is_active FOREIGN KEY (last_resort_id) REFERENCES accounts_user (active_id)
    DEFERRABLE INITIALLY DEFERRED;
"""

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

# What a declaration cannot say: a comparison with the row before, and with the clock.
SPELLS_MEET = """
CREATE FUNCTION accounts_coverage_spells() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_end timestamptz;
BEGIN
    IF NEW.started_at > clock_timestamp() OR NEW.ended_at > clock_timestamp() THEN
        RAISE EXCEPTION 'Coverage records what is, never what is planned: its dates cannot lie in the future.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.ended_at IS NOT NULL THEN
            RAISE EXCEPTION 'This coverage has already ended. Somebody else may just have changed it.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.role = 'owner' THEN
        SELECT max(ended_at) INTO last_end
            FROM accounts_coverage WHERE account_id = NEW.account_id AND role = 'owner';
        IF last_end IS NOT NULL AND NEW.started_at <> last_end THEN
            RAISE EXCEPTION 'An owner starts at the very instant the one before ended.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER coverage_spells BEFORE INSERT OR UPDATE ON accounts_coverage
    FOR EACH ROW EXECUTE FUNCTION accounts_coverage_spells();
"""

# A cycle takes two changes at once as easily as one, so they queue behind one advisory lock.
NO_CYCLES = """
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

CREATE TRIGGER user_reports BEFORE INSERT OR UPDATE OF reports_to_id ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION accounts_user_reports();
"""

# The one way a frozen row changes. It runs with the owner's rights, set off by the tombstone that the site writes.
ERASURE = r"""
CREATE FUNCTION accounts_without(words text, person text, mail text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    part text;
BEGIN
    IF mail <> '' THEN
        words := regexp_replace(words, regexp_replace(mail, '([^[:alnum:]])', '\\\1', 'g'), 'a former contact', 'gi');
    END IF;
    IF trim(person) = '' THEN
        RETURN words;
    END IF;
    words := regexp_replace(words, '\m' || regexp_replace(person, '([^[:alnum:] ])', '\\\1', 'g') || '\M',
                            'a former contact', 'gi');
    FOREACH part IN ARRAY regexp_split_to_array(trim(person), '\s+') LOOP
        IF length(part) > 2 THEN
            words := regexp_replace(words, '\m' || regexp_replace(part, '([^[:alnum:]])', '\\\1', 'g') || '\M',
                                    'a former contact', 'g');
        END IF;
    END LOOP;
    RETURN words;
END $$;

CREATE FUNCTION accounts_erase() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    person accounts_contact%ROWTYPE;
    gone CONSTANT text := '[erased on request]';
    theirs bigint[];
BEGIN
    SELECT * INTO person FROM accounts_contact WHERE id = NEW.contact_id FOR UPDATE;
    IF person.erased_at IS NOT NULL THEN
        RAISE EXCEPTION 'This person was already erased.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT array_agg(id) INTO theirs FROM accounts_account
        WHERE id = person.account_id OR merged_into_id = person.account_id;

    UPDATE accounts_entry SET text = gone, subject = accounts_without(subject, person.name, person.email)
        WHERE author_contact_id = person.id
           OR id IN (SELECT entry_id FROM accounts_mention WHERE contact_id = person.id);
    UPDATE accounts_entry SET text = accounts_without(text, person.name, person.email),
                              subject = accounts_without(subject, person.name, person.email)
        WHERE account_id = ANY (theirs);
    UPDATE accounts_fact SET text = accounts_without(text, person.name, person.email) WHERE account_id = ANY (theirs);
    UPDATE accounts_obligation SET text = accounts_without(text, person.name, person.email)
        WHERE account_id = ANY (theirs);
    UPDATE accounts_obligationevent SET text = accounts_without(text, person.name, person.email)
        WHERE account_id = ANY (theirs);
    UPDATE accounts_account SET condition_because = accounts_without(condition_because, person.name, person.email)
        WHERE id = ANY (theirs);
    UPDATE accounts_accountevent SET condition_because = accounts_without(condition_because, person.name, person.email)
        WHERE id = ANY (theirs);
    UPDATE accounts_contact SET name = 'A former contact', say_name = '', title = '', email = '', phone = '',
        evidence = '', cost = '', external_id = '', erased_at = clock_timestamp() WHERE id = person.id;
    UPDATE accounts_contactevent SET name = 'A former contact', say_name = '', title = '', email = '', phone = '',
        evidence = '', cost = '', external_id = '' WHERE id = person.id;
    UPDATE accounts_user SET name = 'A former contact', email = 'erased-' || id || '@invalid', phone = '',
        is_active = false, deactivated_at = clock_timestamp() WHERE contact_id = person.id;
    UPDATE accounts_userevent SET name = 'A former contact', email = 'erased-' || pgh_obj_id || '@invalid'
        WHERE pgh_obj_id IN (SELECT id FROM accounts_user WHERE contact_id = person.id);
    RETURN NEW;
END $$;

CREATE TRIGGER erasure_blanks AFTER INSERT ON accounts_erasure
    FOR EACH ROW EXECUTE FUNCTION accounts_erase();
"""

# Tables first; a foreign key cannot be taken off while a deferred check waits.
UNDO = """
DROP TRIGGER erasure_blanks ON accounts_erasure;
DROP FUNCTION accounts_erase();
DROP FUNCTION accounts_without(text, text, text);
DROP TRIGGER user_reports ON accounts_user;
DROP FUNCTION accounts_user_reports();
DROP TRIGGER coverage_spells ON accounts_coverage;
DROP FUNCTION accounts_coverage_spells();
ALTER TABLE accounts_deal DROP COLUMN holding_id CASCADE;
ALTER TABLE accounts_obligation DROP COLUMN holding_id CASCADE;
ALTER TABLE accounts_account DROP COLUMN open_id CASCADE;
ALTER TABLE accounts_coverage DROP COLUMN serving_id CASCADE, DROP COLUMN served_id CASCADE, DROP COLUMN owner_of CASCADE;
ALTER TABLE accounts_user DROP COLUMN active_id CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(
            ACTIVE_PEOPLE + ONE_OWNER + HOLDERS_SERVE + SPELLS_MEET + NO_CYCLES + ERASURE, reverse_sql=UNDO
        ),
    ]
