from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0018_who_agrees_is_theirs")]
    operations = [
        migrations.RunSQL(
            """
ALTER TABLE accounts_account ADD CONSTRAINT account_time_zone_is_known
    CHECK (TIMESTAMPTZ '2000-01-01 00:00Z' AT TIME ZONE time_zone IS NOT NULL);
ALTER TABLE accounts_organisation ADD CONSTRAINT organisation_time_zone_is_known
    CHECK (TIMESTAMPTZ '2000-01-01 00:00Z' AT TIME ZONE time_zone IS NOT NULL);
""",
            "",
        )
    ]
