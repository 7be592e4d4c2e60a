"""Law 5: only the customer closes what the customer raised, and the customer is somebody of that account."""

from django.db import migrations

LAW = """
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
UNDO = """
DROP TRIGGER agreed_by_theirs ON accounts_obligation;
DROP FUNCTION accounts_agreed_by_theirs();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0017_asked_again")]

    operations = [migrations.RunSQL(LAW, UNDO)]
