-- Who may read which mark, and change which account, as the law says it: written from docs and from nothing else.
--
-- Law 4: staff see the accounts they serve, manage or are about to receive, from the day they may and until the day
-- they may not; what concerned somebody once is no licence: of it they keep what they wrote, and the brief that was
-- frozen while it was theirs. A customer sees their own account's shared lines and nothing else.

CREATE SCHEMA probe;
CREATE TABLE probe.mark (
    n serial PRIMARY KEY, account bigint NOT NULL, tab text NOT NULL, col text NOT NULL, pk text NOT NULL
);

CREATE FUNCTION probe.today() RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (accounts_now() AT TIME ZONE (SELECT time_zone FROM accounts_organisation LIMIT 1))::date
$$;

-- ---- People

-- Somebody and all who report to them.
CREATE FUNCTION probe.branch(who bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    WITH RECURSIVE below(id) AS (
        SELECT who UNION SELECT u.id FROM accounts_user u JOIN below ON u.reports_to_id = below.id
    ) SELECT id FROM below
$$;

CREATE FUNCTION probe.kind(who bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN NOT is_active OR access_ended_at IS NOT NULL THEN 'gone'
                WHEN kind = 'customer' AND EXISTS (
                    SELECT FROM accounts_contact c
                    WHERE c.id = contact_id AND (c.left_on IS NOT NULL OR c.erased_at IS NOT NULL)) THEN 'gone'
                ELSE kind END
    FROM accounts_user WHERE id = who
$$;

-- Whose accounts are this person's business: one's own, and a manager's whole branch.
CREATE FUNCTION probe.people(who bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT id FROM probe.branch(who) id WHERE id = who OR probe.kind(who) = 'manager'
$$;

-- ---- Accounts

-- What staff serve or manage now, and a customer's own; what was merged into it is part of it.
CREATE FUNCTION probe.accounts(who bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    WITH own AS (
        SELECT id FROM accounts_account WHERE probe.kind(who) = 'operations'
        UNION SELECT account_id FROM accounts_coverage
              WHERE probe.kind(who) IN ('rep', 'manager') AND ended_at IS NULL
                AND person_id IN (SELECT probe.people(who))
        UNION SELECT c.account_id FROM accounts_contact c JOIN accounts_user u ON u.contact_id = c.id
              WHERE u.id = who AND probe.kind(who) = 'customer'
    )
    SELECT id FROM own UNION SELECT id FROM accounts_account WHERE merged_into_id IN (SELECT id FROM own)
$$;

-- Handoffs under way that this person gives, receives from the day they may, or decides on.
CREATE FUNCTION probe.handoffs_under_way(who bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT h.id FROM handoffs_handoff h
    WHERE h.moved_at IS NULL AND h.refused_at IS NULL AND h.cancelled_at IS NULL
      AND probe.kind(who) IN ('rep', 'manager', 'operations')
      AND (probe.kind(who) = 'operations'
           OR h.outgoing_id IN (SELECT probe.people(who))
           OR h.incoming_id IN (SELECT probe.people(who)) AND h.incoming_id <> who
           OR h.incoming_id = who AND h.access_on <= probe.today())
$$;

-- Handoffs in which this person had a part, with what they may keep of it.
CREATE FUNCTION probe.handoffs_once(who bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT h.id FROM handoffs_handoff h JOIN handoffs_transition t ON t.id = h.transition_id
    WHERE probe.kind(who) IN ('rep', 'manager')
      AND (h.outgoing_id = who OR h.written_by_id = who OR h.accepted_by_id = who OR h.overridden_by_id = who
           OR h.incoming_id = who AND h.access_at IS NOT NULL
           OR t.opened_by_id = who
           OR EXISTS (SELECT FROM handoffs_approval a WHERE a.handoff_id = h.id AND a.by_id = who))
$$;

-- Planned moves of accounts that are this person's, or that come to them or theirs.
CREATE FUNCTION probe.moves(who bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT m.id FROM handoffs_move m JOIN handoffs_transition t ON t.id = m.transition_id
    WHERE probe.kind(who) IN ('rep', 'manager', 'operations')
      AND (m.account_id IN (SELECT probe.accounts(who))
           OR t.opened_by_id = who
           OR t.cancelled_at IS NULL AND t.undone_at IS NULL
              AND m.incoming_id IN (SELECT probe.people(who)) AND m.incoming_id <> who)
$$;

CREATE FUNCTION probe.transitions(who bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT t.id FROM handoffs_transition t
    WHERE probe.kind(who) IN ('rep', 'manager', 'operations')
      AND (probe.kind(who) = 'operations' OR t.opened_by_id = who OR t.person_id IN (SELECT probe.people(who))
           OR EXISTS (SELECT FROM handoffs_move m WHERE m.transition_id = t.id AND m.id IN (SELECT probe.moves(who)))
           OR EXISTS (SELECT FROM handoffs_handoff h WHERE h.transition_id = t.id
                      AND (h.id IN (SELECT probe.handoffs_under_way(who))
                           OR h.id IN (SELECT probe.handoffs_once(who)))))
$$;

-- On the pages of changes of hands alone: accounts that are about to come to them or theirs, or on which they decide.
CREATE FUNCTION probe.accounts_changing(who bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT account_id FROM handoffs_handoff WHERE id IN (SELECT probe.handoffs_under_way(who))
    UNION SELECT m.account_id FROM handoffs_move m JOIN handoffs_transition t ON t.id = m.transition_id
          WHERE m.id IN (SELECT probe.moves(who)) AND t.cancelled_at IS NULL AND t.undone_at IS NULL
            AND NOT EXISTS (SELECT FROM handoffs_handoff h WHERE h.move_id = m.id)
$$;

-- ---- Rows

-- What this person wrote themselves is theirs to read for ever.
CREATE FUNCTION probe.written_by(who bigint) RETURNS TABLE (tab text, pk text) LANGUAGE sql STABLE AS $$
    SELECT 'accounts_entry', id::text FROM accounts_entry WHERE author_id = who
    UNION ALL SELECT 'accounts_fact', id::text FROM accounts_fact WHERE author_id = who
    UNION ALL SELECT 'accounts_obligation', id::text FROM accounts_obligation WHERE raised_by_id = who
    UNION ALL SELECT 'accounts_ask', id::text FROM accounts_ask WHERE by_id = who
    UNION ALL SELECT 'accounts_verdict', id::text FROM accounts_verdict WHERE by_id = who
    UNION ALL SELECT 'accounts_context', id::text FROM accounts_context WHERE by_id = who
    UNION ALL SELECT 'accounts_retraction', id::text FROM accounts_retraction WHERE by_id = who
    UNION ALL SELECT 'accounts_letter', id::text FROM accounts_letter WHERE signed_by_id = who OR to_id = who
    UNION ALL SELECT 'accounts_session', session_key FROM accounts_session WHERE user_id = who
    UNION ALL SELECT 'accounts_importbatch', id::text FROM accounts_importbatch WHERE created_by_id = who
    UNION ALL SELECT 'accounts_importfile', f.id::text FROM accounts_importfile f
              JOIN accounts_importbatch b ON b.id = f.batch_id WHERE b.created_by_id = who
    UNION ALL SELECT 'accounts_importmapping', id::text FROM accounts_importmapping WHERE saved_by_id = who
    UNION ALL SELECT 'accounts_importrow', r.id::text FROM accounts_importrow r
              JOIN accounts_importfile f ON f.id = r.file_id
              JOIN accounts_importbatch b ON b.id = f.batch_id WHERE b.created_by_id = who
    UNION ALL SELECT 'accounts_export', id::text FROM accounts_export WHERE by_id = who
    UNION ALL SELECT 'handoffs_readback', id::text FROM handoffs_readback WHERE by_id = who OR decided_by_id = who
    UNION ALL SELECT 'handoffs_inquiry', id::text FROM handoffs_inquiry WHERE by_id = who
    UNION ALL SELECT 'handoffs_approval', id::text FROM handoffs_approval WHERE by_id = who
    UNION ALL SELECT 'handoffs_holdout', id::text FROM handoffs_holdout WHERE by_id = who
    UNION ALL SELECT 'handoffs_checklistitem', id::text FROM handoffs_checklistitem
              WHERE ticked_by_id = who OR waived_by_id = who
$$;

-- Frozen texts that are this person's: the briefs of handoffs in which they had a part, and the files they brought.
-- Whatever mark stands in one was theirs to read when it was frozen.
CREATE FUNCTION probe.frozen(who bigint) RETURNS TABLE (said text) LANGUAGE sql STABLE AS $$
    SELECT a.brief::text FROM handoffs_approval a JOIN handoffs_handoff h ON h.id = a.handoff_id
    WHERE a.by_id = who
       OR h.id IN (SELECT probe.handoffs_once(who))
          AND (h.incoming_id <> who OR a.at <= coalesce(h.refused_at, h.cancelled_at, h.taken_back_at, accounts_now()))
    UNION ALL SELECT r.cells::text FROM accounts_importrow r JOIN accounts_importfile f ON f.id = r.file_id
              JOIN accounts_importbatch b ON b.id = f.batch_id WHERE b.created_by_id = who
$$;

-- ---- Marks that a colleague may read

CREATE FUNCTION probe.staff_may_read(who bigint) RETURNS SETOF int LANGUAGE sql STABLE AS $$
    WITH accounts AS (SELECT id FROM probe.accounts(who) id),
         transitions AS (SELECT id::text AS pk FROM probe.transitions(who) id),
         handoffs AS (SELECT id::text AS pk FROM probe.handoffs_under_way(who) id
                      UNION SELECT id::text FROM probe.handoffs_once(who) id),
         names AS (SELECT id FROM accounts
                   UNION SELECT probe.accounts_changing(who)
                   UNION SELECT account_id FROM handoffs_handoff WHERE id::text IN (SELECT pk FROM handoffs)
                   UNION SELECT m.account FROM probe.mark m
                         WHERE (m.tab, m.pk) IN (SELECT tab, pk FROM probe.written_by(who)))
    SELECT m.n FROM probe.mark m, (SELECT probe.kind(who) AS kind OFFSET 0) me
    WHERE me.kind = 'operations'
       OR m.account IN (SELECT id FROM accounts)
          AND m.tab NOT IN ('handoffs_transition', 'handoffs_transitionevent')
       OR (m.tab, m.pk) IN (SELECT tab, pk FROM probe.written_by(who))
       OR m.tab IN ('accounts_account', 'accounts_accountevent') AND m.col = 'name'
          AND m.account IN (SELECT id FROM names)
       -- colleagues know of each other, and of how the house works
       OR m.tab IN ('accounts_organisation', 'accounts_topic', 'accounts_topicevent', 'handoffs_templateitem')
       OR m.tab IN ('accounts_user', 'accounts_userevent') AND m.account = 0 AND m.col <> 'deactivated_because'
       OR m.tab = 'accounts_user' AND m.col = 'deactivated_because' AND m.account = 0
          AND me.kind = 'manager' AND m.pk::bigint IN (SELECT probe.branch(who)) AND m.pk <> who::text
       OR m.tab = 'accounts_importmapping' AND me.kind = 'manager'
          AND EXISTS (SELECT FROM accounts_importmapping i JOIN accounts_user u ON u.id = i.saved_by_id
                      WHERE i.id::text = m.pk AND u.kind = 'operations')
       -- changes of hands
       OR m.tab = 'handoffs_handoff' AND m.pk IN (SELECT pk FROM handoffs)
       OR m.tab = 'handoffs_move' AND m.pk::bigint IN (SELECT probe.moves(who))
       OR m.tab = 'handoffs_transition' AND m.pk IN (SELECT pk FROM transitions)
          AND (m.col <> 'because' OR EXISTS (
              SELECT FROM handoffs_transition t WHERE t.id::text = m.pk
              -- why somebody leaves is for them and those above, and for others when the customer may read it
              AND (t.kind NOT IN ('departure', 'leave') OR t.opened_by_id = who
                   OR t.person_id IN (SELECT probe.people(who)) OR t.announced_on <= probe.today())))
    UNION
    SELECT (regexp_matches(said, 'mk\d+x(\d+)q', 'g'))[1]::int FROM probe.frozen(who)
$$;

-- Besides, on the pages of changes of hands.
CREATE FUNCTION probe.staff_may_read_there(who bigint) RETURNS SETOF int LANGUAGE sql STABLE AS $$
    SELECT n FROM probe.mark
    WHERE account IN (SELECT probe.accounts_changing(who))
      AND tab NOT IN ('accounts_letter', 'handoffs_transition', 'handoffs_transitionevent')
$$;

-- ---- Marks that a customer may read

CREATE FUNCTION probe.customer_may_read(who bigint) RETURNS SETOF int LANGUAGE sql STABLE AS $$
    WITH accounts AS (SELECT id FROM probe.accounts(who) id),
         told AS (SELECT h.* FROM handoffs_handoff h
                  WHERE h.account_id IN (SELECT id FROM accounts) AND h.announced_at IS NOT NULL),
         -- until a change is announced its incoming person is not seen, nor heard
         hidden AS (SELECT h.incoming_id AS id FROM handoffs_handoff h
                    WHERE h.account_id IN (SELECT id FROM accounts) AND h.announced_at IS NULL
                      AND h.refused_at IS NULL AND h.cancelled_at IS NULL AND h.taken_back_at IS NULL),
         owed AS (SELECT * FROM accounts_obligation
                  WHERE account_id IN (SELECT id FROM accounts) AND shared_at IS NOT NULL),
         heard AS (SELECT e.id, e.author_id FROM accounts_entry e
                   WHERE e.account_id IN (SELECT id FROM accounts)
                     AND NOT EXISTS (SELECT FROM accounts_retraction r WHERE r.entry_id = e.id)
                     AND (EXISTS (SELECT FROM accounts_share s WHERE s.entry_id = e.id)
                          OR e.obligation_id IN (SELECT id FROM owed) AND e.step <> 'handed')
                     AND (e.author_id IS NULL OR e.author_id NOT IN (SELECT id FROM hidden))),
         known AS (SELECT f.id, f.author_id FROM accounts_fact f
                   WHERE f.account_id IN (SELECT id FROM accounts)
                     AND EXISTS (SELECT FROM accounts_share s WHERE s.fact_id = f.id)
                     AND NOT EXISTS (SELECT FROM accounts_retraction r WHERE r.fact_id = f.id)),
         colleagues AS (SELECT person_id AS id FROM accounts_coverage
                        WHERE account_id IN (SELECT id FROM accounts) AND role NOT IN ('incoming', 'past')
                          AND person_id NOT IN (SELECT id FROM hidden)
                        UNION SELECT author_id FROM heard
                        UNION SELECT holder_id FROM owed WHERE holder_id NOT IN (SELECT id FROM hidden)
                        UNION SELECT escalated_to_id FROM owed
                        UNION SELECT outgoing_id FROM told UNION SELECT incoming_id FROM told
                        UNION SELECT announced_by_id FROM told)
    SELECT m.n FROM probe.mark m, (SELECT probe.kind(who) AS kind OFFSET 0) me
    WHERE me.kind = 'customer' AND (
       m.tab = 'accounts_account' AND m.col = 'name' AND m.account IN (SELECT id FROM accounts)
       OR m.tab = 'accounts_organisation' AND m.col = 'name'
       OR m.tab = 'accounts_topic'
       OR m.tab = 'accounts_entry' AND m.col IN ('subject', 'text') AND m.pk IN (SELECT id::text FROM heard)
       OR m.tab = 'accounts_fact' AND m.pk IN (SELECT id::text FROM known)
       OR m.tab = 'accounts_obligation' AND m.col = 'text' AND m.pk IN (SELECT id::text FROM owed)
       OR m.tab IN ('accounts_ask', 'accounts_verdict') AND m.account IN (SELECT id FROM accounts)
       OR m.tab = 'handoffs_transition' AND m.col = 'because' AND m.pk IN (
              SELECT transition_id::text FROM told)
       -- people of theirs by name, themselves as we wrote them down
       OR m.tab = 'accounts_contact' AND m.account IN (SELECT id FROM accounts) AND (
              m.col = 'name'
              OR m.col IN ('say_name', 'title', 'email', 'phone')
                 AND m.pk = (SELECT contact_id::text FROM accounts_user WHERE id = who))
       OR m.tab = 'accounts_user' AND m.account IN (SELECT id FROM accounts) AND m.col IN ('name', 'email')
       OR m.tab = 'accounts_user' AND m.account = 0 AND m.col IN ('name', 'title', 'email', 'phone')
          AND m.pk IN (SELECT id::text FROM colleagues)
       OR m.tab = 'accounts_letter' AND m.pk IN (SELECT id::text FROM accounts_letter WHERE to_id = who))
$$;

CREATE FUNCTION probe.may_read(who bigint) RETURNS SETOF int LANGUAGE sql STABLE AS $$
    SELECT probe.staff_may_read(who) WHERE probe.kind(who) IN ('rep', 'manager', 'operations')
    UNION SELECT probe.customer_may_read(who)
$$;

-- ---- Accounts that this person may change, and people

CREATE FUNCTION probe.may_change(who bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT probe.accounts(who)
    UNION SELECT account_id FROM handoffs_handoff WHERE id IN (SELECT probe.handoffs_under_way(who))
    UNION SELECT m.account_id FROM handoffs_move m JOIN handoffs_transition t ON t.id = m.transition_id
          WHERE t.opened_by_id = who AND probe.kind(who) IN ('rep', 'manager')
$$;

CREATE FUNCTION probe.may_change_people(who bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT id FROM accounts_user
    WHERE probe.kind(who) = 'operations' OR id = who AND probe.kind(who) <> 'gone'
       OR probe.kind(who) = 'manager' AND id IN (SELECT probe.branch(who))
       -- who of the customer's signs in is for whoever serves the account to say
       OR contact_id IN (SELECT id FROM accounts_contact WHERE account_id IN (SELECT probe.accounts(who)))
          AND probe.kind(who) IN ('rep', 'manager')
$$;
