"""One function gives the time to every trigger."""

from django.db import migrations

CLOCK = """
CREATE FUNCTION accounts_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';
DO $do$
DECLARE
    made text;
BEGIN
    FOR made IN
        SELECT pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql')
          AND prosrc ~* '(clock_timestamp|[^_]now)\\(\\)'
    LOOP
        EXECUTE regexp_replace(made, '\\m(clock_timestamp|NOW)\\(\\)', 'accounts_now()', 'gi');
    END LOOP;
END $do$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0018_who_agrees_is_theirs"), ("handoffs", "0009_nothing_unused")]

    operations = [migrations.RunSQL(CLOCK, migrations.RunSQL.noop)]
