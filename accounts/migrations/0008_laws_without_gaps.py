"""What the first laws of memory let through, closed.

- Whoever serves an account, or is the person of last resort, is active *and a colleague*: a customer is neither.
- Once there is a person of last resort there always is one.
- No spell of an owner can be written into the past of an account that has an owner.
- What the customer raised ends with the account only if the account is closed, and lapses no sooner than its day.
- A lawful erasure reaches every column that holds words of that account, and every name the person ever had.
"""

from django.db import migrations

COLLEAGUES = """
ALTER TABLE accounts_user
    DROP COLUMN active_id CASCADE,
    ADD COLUMN active_id bigint
        GENERATED ALWAYS AS (CASE WHEN is_active AND kind <> 'customer' THEN id END) STORED,
    ADD CONSTRAINT user_active_once UNIQUE (active_id);
ALTER TABLE accounts_organisation
    ADD CONSTRAINT last_resort_is_active FOREIGN KEY (last_resort_id) REFERENCES accounts_user (active_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE accounts_coverage
    ADD CONSTRAINT coverage_person_is_active FOREIGN KEY (serving_id) REFERENCES accounts_user (active_id)
    DEFERRABLE INITIALLY DEFERRED;

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

SPELLS = """
CREATE OR REPLACE FUNCTION accounts_coverage_spells() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_end timestamptz;
BEGIN
    IF NEW.started_at > clock_timestamp() OR NEW.ended_at > clock_timestamp() THEN
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
"""

# An AFTER trigger locks the row less than a BEFORE trigger: a person whose line changes can be named meanwhile.
NO_CYCLES = """
DROP TRIGGER user_reports ON accounts_user;
CREATE TRIGGER user_reports AFTER INSERT OR UPDATE OF reports_to_id ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION accounts_user_reports();
"""

THEIRS = """
ALTER TABLE accounts_account
    ADD COLUMN closed_id bigint GENERATED ALWAYS AS (CASE WHEN closed_at IS NOT NULL THEN id END) STORED,
    ADD CONSTRAINT account_closed_once UNIQUE (closed_id);
ALTER TABLE accounts_obligation
    ADD COLUMN ended_with_id bigint
        GENERATED ALWAYS AS (CASE WHEN outcome = 'account_closed' THEN account_id END) STORED,
    ADD CONSTRAINT obligation_ends_with_account FOREIGN KEY (ended_with_id) REFERENCES accounts_account (closed_id)
        DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT obligation_lapses_on_its_day
        CHECK (outcome <> 'lapsed' OR lapses_on <= (closed_at AT TIME ZONE 'UTC')::date);
CREATE INDEX obligation_ended_with ON accounts_obligation (ended_with_id);

ALTER TABLE accounts_fact RENAME CONSTRAINT accounts_fact_supersedes_id_key TO fact_superseded_once;
"""

ERASURE = r"""
-- Words without any of the names and addresses in `whole`, however they are written, nor the parts of names in `part`.
CREATE FUNCTION accounts_without_any(words text, whole text, part text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(
        regexp_replace(regexp_replace(words, whole, 'a former contact', 'gi'), part, 'a former contact', 'g'),
        'a former contact(\s+a former contact)+', 'a former contact', 'g')
$$;

-- Blank a person in every column of a table that holds words, for the rows that `chosen` says (a condition).
CREATE FUNCTION accounts_blank(place regclass, chosen text, person bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    edges CONSTANT text := '(?<![[:alnum:]])(%s)(?![[:alnum:]])';
    whole text;
    part text;
    changes text;
BEGIN
    WITH known(word) AS (
        SELECT unnest(ARRAY[name, email, say_name]) FROM accounts_contactevent WHERE pgh_obj_id = person
        UNION SELECT unnest(ARRAY[name, email, say_name]) FROM accounts_contact WHERE id = person
        UNION SELECT unnest(ARRAY[e.name, e.email]) FROM accounts_userevent e JOIN accounts_user u ON u.id = e.pgh_obj_id
            WHERE u.contact_id = person
    ), parts(word) AS (
        SELECT DISTINCT unnest(regexp_split_to_array(trim(word), '\s+')) FROM known WHERE word NOT LIKE '%@%'
    )
    SELECT format(edges, string_agg(regexp_replace(trim(word), '([^[:alnum:] ])', '\\\1', 'g'), '|' ORDER BY length(word) DESC)),
           format(edges, (SELECT coalesce(string_agg(regexp_replace(word, '([^[:alnum:]])', '\\\1', 'g'), '|' ORDER BY length(word) DESC), '$^')
                          FROM parts WHERE length(word) > 2))
        INTO whole, part FROM known WHERE trim(word) <> '';
    SELECT string_agg(format(CASE WHEN atttypid = 'jsonb'::regtype
                                  THEN '%1$I = accounts_without_any(%1$I::text, $1, $2)::jsonb'
                                  ELSE '%1$I = left(accounts_without_any(%1$I, $1, $2), %2$s)' END,
                             attname, CASE WHEN atttypmod > 4 THEN atttypmod - 4 ELSE 2147483647 END), ', ')
        INTO changes
        FROM pg_attribute
        WHERE attrelid = place AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
          AND (atttypid IN ('text'::regtype, 'jsonb'::regtype)
               OR (atttypid = 'varchar'::regtype AND atttypmod >= 64));
    EXECUTE format('UPDATE %s SET %s WHERE %s', place, changes, chosen) USING whole, part;
END $$;

-- The accounts whose memory speaks of a contact: theirs, and what was merged with it.
CREATE FUNCTION accounts_of_contact(person bigint) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(a.id) FROM accounts_account a JOIN accounts_contact c ON c.id = person
        WHERE a.id = c.account_id OR a.merged_into_id = c.account_id
$$;

CREATE OR REPLACE FUNCTION accounts_erase() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    person accounts_contact%ROWTYPE;
    theirs bigint[];
    place text;
BEGIN
    SELECT * INTO person FROM accounts_contact WHERE id = NEW.contact_id FOR UPDATE;
    IF person.erased_at IS NOT NULL THEN
        RAISE EXCEPTION 'This person was already erased.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    theirs := accounts_of_contact(person.id);

    UPDATE accounts_entry SET text = '[erased on request]'
        WHERE author_contact_id = person.id
           OR id IN (SELECT entry_id FROM accounts_mention WHERE contact_id = person.id);
    FOREACH place IN ARRAY ARRAY['accounts_entry', 'accounts_fact', 'accounts_obligation', 'accounts_obligationevent',
        'accounts_deal', 'accounts_dealevent', 'accounts_coverage', 'accounts_contact', 'accounts_contactevent'] LOOP
        IF place LIKE 'accounts_contact%' THEN
            PERFORM accounts_blank(place::regclass, format('account_id = ANY (%L) AND id <> %s', theirs, person.id), person.id);
        ELSE
            PERFORM accounts_blank(place::regclass, format('account_id = ANY (%L)', theirs), person.id);
        END IF;
    END LOOP;
    FOREACH place IN ARRAY ARRAY['accounts_account', 'accounts_accountevent'] LOOP
        PERFORM accounts_blank(place::regclass, format('id = ANY (%L)', theirs), person.id);
    END LOOP;
    PERFORM accounts_blank('accounts_retraction', format(
        'entry_id IN (SELECT id FROM accounts_entry WHERE account_id = ANY (%1$L))
         OR fact_id IN (SELECT id FROM accounts_fact WHERE account_id = ANY (%1$L))', theirs), person.id);
    PERFORM accounts_blank('accounts_erasure', format(
        'contact_id IN (SELECT id FROM accounts_contact WHERE account_id = ANY (%L))', theirs), person.id);

    IF to_regclass('account_emailaddress') IS NOT NULL THEN
        EXECUTE 'DELETE FROM account_emailaddress WHERE user_id IN (SELECT id FROM accounts_user WHERE contact_id = $1)'
            USING person.id;
    END IF;
    UPDATE accounts_user SET name = 'A former contact', email = 'erased-' || id || '@invalid', phone = '', title = '',
        region = '', external_id = '', is_active = false, deactivated_at = clock_timestamp() WHERE contact_id = person.id;
    UPDATE accounts_userevent SET name = 'A former contact', email = 'erased-' || pgh_obj_id || '@invalid', title = ''
        WHERE pgh_obj_id IN (SELECT id FROM accounts_user WHERE contact_id = person.id);
    UPDATE accounts_contact SET name = 'A former contact', say_name = '', title = '', email = '', phone = '',
        evidence = '', cost = '', external_id = '', erased_at = clock_timestamp() WHERE id = person.id;
    UPDATE accounts_contactevent SET name = 'A former contact', say_name = '', title = '', email = '', phone = '',
        evidence = '', cost = '', external_id = '' WHERE pgh_obj_id = person.id;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION accounts_erase_letters() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM accounts_blank('accounts_letter', format(
        'account_id = ANY (%L) OR digest_on IS NOT NULL OR to_id IN (SELECT id FROM accounts_user WHERE contact_id = %s)',
        accounts_of_contact(NEW.contact_id), NEW.contact_id), NEW.contact_id);
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_search")]

    operations = [
        migrations.RunSQL(
            COLLEAGUES + SPELLS + NO_CYCLES + THEIRS + ERASURE, reverse_sql=migrations.RunSQL.noop
        )
    ]
