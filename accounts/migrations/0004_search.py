"""What searching needs: names that forgive typing errors, and the words of everything written.

The words lie in generated columns that no model declares, like those of the laws: a model's field would be read
along with every line of every thread. Being generated, they are blanked with the text when somebody is erased.

Our customers' texts are in any language, so no stemmer and no list of stop words fits them all: `any_language`
keeps every word as it is, without its accents. Named like this, `to_tsvector` counts as immutable, which
`unaccent()` alone does not.
"""

from django.db import migrations

# A tsvector holds a megabyte at most, and a longer one is an error: of a very long text the beginning is found.
SEARCH = """
CREATE TEXT SEARCH CONFIGURATION any_language (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION any_language
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple;

ALTER TABLE accounts_entry ADD COLUMN words tsvector
    GENERATED ALWAYS AS (to_tsvector('any_language', left(subject || ' ' || text, 100000))) STORED;
ALTER TABLE accounts_obligation ADD COLUMN words tsvector
    GENERATED ALWAYS AS (to_tsvector('any_language', left(text, 100000))) STORED;
ALTER TABLE accounts_fact ADD COLUMN words tsvector
    GENERATED ALWAYS AS (to_tsvector('any_language', left(text, 100000))) STORED;

-- More words than usual are counted, because how common a word is decides how it is looked for.
ALTER TABLE accounts_entry ALTER COLUMN words SET STATISTICS 300;

-- New rows wait in a list that every search reads through, so it is kept short.
CREATE INDEX entry_words ON accounts_entry USING gin (words) WITH (gin_pending_list_limit = 512);
CREATE INDEX obligation_words ON accounts_obligation USING gin (words) WITH (gin_pending_list_limit = 512);
CREATE INDEX fact_words ON accounts_fact USING gin (words) WITH (gin_pending_list_limit = 512);
CREATE INDEX entry_newest ON accounts_entry (at DESC, id DESC);
CREATE INDEX account_name_trigrams ON accounts_account USING gin (name gin_trgm_ops);
CREATE INDEX contact_name_trigrams ON accounts_contact USING gin (name gin_trgm_ops);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_erasure")]

    operations = [migrations.RunSQL(SEARCH)]
