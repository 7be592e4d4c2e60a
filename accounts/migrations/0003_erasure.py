"""Lawful erasure, the one way in which a frozen row changes (the end of law 1).

The site writes a tombstone, a row of `accounts_erasure`, and may do no more than that. The trigger runs with the rights
of the tables' owner: it blanks the person's own words, and their name wherever else that account's memory speaks of
them. Who and when stay. Other apps blank their copies by triggers of their own, named so that they come first
(triggers run in the order of their names): this one takes away the names by which they search.
"""

from django.db import migrations

# Every name and address that a contact ever had, taken out of any column that holds words.
BLANKING = r"""
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
"""

ERASURE = """
CREATE FUNCTION accounts_erase() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    gone CONSTANT text := '[erased on request]';
    person accounts_contact%ROWTYPE;
    theirs bigint[];
    place text;
    chosen text;
BEGIN
    SELECT * INTO person FROM accounts_contact WHERE id = NEW.contact_id FOR UPDATE;
    IF person.erased_at IS NOT NULL THEN
        RAISE EXCEPTION 'This person was already erased.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    theirs := accounts_of_contact(person.id);

    -- 1. What they said, and what was said with them or of how they are, goes whole.
    UPDATE accounts_entry SET text = gone
        WHERE author_contact_id = person.id
           OR id IN (SELECT entry_id FROM accounts_mention WHERE contact_id = person.id);
    UPDATE accounts_context SET text = gone WHERE contact_id = person.id;
    UPDATE accounts_heldmail SET text = gone, from_address = '' WHERE contact_id = person.id;
    UPDATE accounts_verdict SET words = gone WHERE contact_id = person.id AND words <> '';
    -- An original cannot be blanked in part, and whoever else wrote may name them in it.
    DELETE FROM accounts_original
        WHERE entry_id IN (SELECT id FROM accounts_entry WHERE account_id = ANY (theirs))
           OR held_mail_id IN (SELECT id FROM accounts_heldmail WHERE account_id = ANY (theirs));

    -- 2. Their name goes from everything else that speaks of that account, its history and its letters included.
    FOR place, chosen IN
        SELECT unnest(ARRAY['accounts_account', 'accounts_accountevent']), 'id = ANY (%1$L)'
        UNION ALL
        SELECT unnest(ARRAY['accounts_ask', 'accounts_countersignature', 'accounts_coverage', 'accounts_deal', 'accounts_dealevent', 'accounts_entry',
                            'accounts_fact', 'accounts_heldmail', 'accounts_obligation', 'accounts_obligationevent',
                            'accounts_verdict']),
               'account_id = ANY (%1$L)'
        UNION ALL
        SELECT unnest(ARRAY['accounts_contact', 'accounts_contactevent']), 'account_id = ANY (%1$L) AND id <> %2$s'
        UNION ALL
        SELECT unnest(ARRAY['accounts_context', 'accounts_erasure']),
               'contact_id IN (SELECT id FROM accounts_contact WHERE account_id = ANY (%1$L))'
        UNION ALL
        SELECT 'accounts_retraction',
               'entry_id IN (SELECT id FROM accounts_entry WHERE account_id = ANY (%1$L))
                OR fact_id IN (SELECT id FROM accounts_fact WHERE account_id = ANY (%1$L))'
        UNION ALL
        SELECT 'accounts_letter',
               'account_id = ANY (%1$L) OR digest_on IS NOT NULL
                OR to_id IN (SELECT id FROM accounts_user WHERE contact_id = %2$s) OR contact_id = %2$s'
    LOOP
        PERFORM accounts_blank(place::regclass, format(chosen, theirs, person.id), person.id);
    END LOOP;
    -- What stands elsewhere in them now is found anew.
    DELETE FROM accounts_passage WHERE reading_id IN (SELECT id FROM accounts_entry WHERE account_id = ANY (theirs));
    DELETE FROM accounts_entryreading WHERE entry_id IN (SELECT id FROM accounts_entry WHERE account_id = ANY (theirs));

    -- 3. Imports keep rows as they came.
    UPDATE accounts_importrow SET cells = '{}', because = gone
        WHERE EXISTS (
            SELECT 1 FROM unnest(cells) AS cell
            WHERE (person.external_id <> '' AND cell = person.external_id)
               OR (person.email <> '' AND strpos(lower(cell), lower(person.email)) > 0)
               OR strpos(lower(cell), lower(person.name)) > 0
        );
    UPDATE accounts_importfile SET data = NULL;
    -- What was taken along and still waits to be downloaded goes whole, and the names in what was asked for.
    DELETE FROM accounts_exportpart WHERE export_id IN (SELECT id FROM accounts_export WHERE accounts && theirs);
    PERFORM accounts_blank('accounts_export', format('by_id IN (SELECT person_id FROM accounts_coverage WHERE account_id'
        ' = ANY (%1$L)) OR accounts && %1$L', theirs), person.id);
    -- What a form was answered may name them, too; it is kept for days only, and says nothing without the words.
    UPDATE accounts_submission SET messages = '[]';

    -- 4. Their sign-in, and last themselves: until here they were found by name.
    DELETE FROM accounts_session WHERE user_id IN (SELECT id FROM accounts_user WHERE contact_id = person.id);
    DELETE FROM account_emailaddress WHERE user_id IN (SELECT id FROM accounts_user WHERE contact_id = person.id);
    UPDATE accounts_user SET name = 'A former contact', email = 'erased-' || id || '@invalid', phone = '', title = '',
        region = '', external_id = '', is_active = false, deactivated_at = accounts_now() WHERE contact_id = person.id;
    UPDATE accounts_userevent SET name = 'A former contact', email = 'erased-' || pgh_obj_id || '@invalid', title = ''
        WHERE pgh_obj_id IN (SELECT id FROM accounts_user WHERE contact_id = person.id);
    UPDATE accounts_contact SET name = 'A former contact', say_name = '', title = '', email = '', phone = '',
        evidence = '', cost = '', went_to = '', external_id = '', erased_at = accounts_now() WHERE id = person.id;
    UPDATE accounts_contactevent SET name = 'A former contact', say_name = '', title = '', email = '', phone = '',
        evidence = '', cost = '', went_to = '', external_id = '' WHERE pgh_obj_id = person.id;
    RETURN NEW;
END $$;

CREATE TRIGGER erasure_blanks AFTER INSERT ON accounts_erasure
    FOR EACH ROW EXECUTE FUNCTION accounts_erase();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_laws")]

    operations = [migrations.RunSQL(BLANKING), migrations.RunSQL(ERASURE)]
