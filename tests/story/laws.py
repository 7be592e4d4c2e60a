"""What may never be found, whatever anybody did. Read with SQL, not through the models that are meant to keep it."""

from __future__ import annotations

FROZEN_ROWS = (
    " UNION ALL ".join(
        f"SELECT '{table}', id, md5(t::text) FROM {table} t"
        for table in (
            "accounts_entry",
            "accounts_fact",
            "accounts_mention",
            "accounts_share",
            "accounts_retraction",
            "accounts_confirmation",
            "accounts_ask",
            "accounts_notepart",
            "handoffs_approval",
            "handoffs_takeover",
        )
    )
    + """
    UNION ALL SELECT 'accounts_obligation', id, md5(kind || text || raised_at || raised_by_id) FROM accounts_obligation
    UNION ALL SELECT 'accounts_letter', id, md5(subject || text || to_id || signed_by_id) FROM accounts_letter
"""
)
#: What happened to each line of the ledger, as the thread tells it ...
STEPS = """
    SELECT o.id, count(*) FILTER (WHERE step = 'raised') AS raised, count(*) FILTER (WHERE step = 'broken') AS broken,
        count(*) FILTER (WHERE step = 'moved') AS moved, count(*) FILTER (WHERE step = 'handed') AS handed,
        count(*) FILTER (WHERE step = 'escalated') AS escalated,
        count(*) FILTER (WHERE step = 'reopened') AS reopened,
        count(*) FILTER (WHERE step IN ('answered', 'decided', 'made_good')) AS said,
        count(*) FILTER (WHERE step IN ('kept', 'agreed', 'lapsed', 'dropped', 'ended')) AS ended
    FROM accounts_obligation o LEFT JOIN accounts_entry e ON e.obligation_id = o.id GROUP BY o.id
"""
#: ... and as its history does.
CHANGES = """
    SELECT id, count(*) FILTER (WHERE due IS DISTINCT FROM due_before) AS moved,
        count(*) FILTER (WHERE opened) AS reopened,
        count(*) FILTER (WHERE NOT opened AND holder_id <> holder_before) AS handed,
        count(*) FILTER (WHERE answered_at IS DISTINCT FROM answered_before AND answered_at IS NOT NULL) AS answered,
        count(*) FILTER (WHERE closed AND kind = 'repair' AND outcome = 'done') AS made_good,
        count(*) FILTER (WHERE closed AND outcome <> 'retracted') AS closed
    FROM (
        SELECT *, closed_before IS NULL AND closed_at IS NOT NULL AS closed,
            closed_at IS NULL AND (closed_before IS NOT NULL OR answered_before IS NOT NULL AND answered_at IS NULL)
                AS opened
        FROM (
            SELECT e.id, kind, outcome, due, holder_id, closed_at, answered_at,
                lag(due, 1, due) OVER line AS due_before, lag(holder_id, 1, holder_id) OVER line AS holder_before,
                lag(closed_at) OVER line AS closed_before, lag(answered_at) OVER line AS answered_before
            FROM accounts_obligationevent e WINDOW line AS (PARTITION BY e.id ORDER BY pgh_id)
        ) pair
    ) change GROUP BY id
"""
#: What each law forbids: the rows that break it.
FORBIDDEN = {
    "law 2: an open account has exactly one owner, who is active and a colleague": """
        SELECT a.name FROM accounts_account a
        LEFT JOIN accounts_coverage c ON c.account_id = a.id AND c.role = 'owner' AND c.ended_at IS NULL
        LEFT JOIN accounts_user u ON u.id = c.person_id
        WHERE a.closed_at IS NULL
        GROUP BY a.id HAVING count(c.id) <> 1 OR bool_or(NOT u.is_active OR u.kind = 'customer')""",
    "law 2: whoever holds an open obligation or deal is active and serves in its role": """
        SELECT o.text FROM (
            SELECT account_id, role, holder_id, text FROM accounts_obligation WHERE closed_at IS NULL
            UNION ALL SELECT account_id, role, holder_id, name FROM accounts_deal WHERE closed_at IS NULL) o
        WHERE NOT EXISTS (
            SELECT 1 FROM accounts_coverage c JOIN accounts_user u ON u.id = c.person_id AND u.is_active
            JOIN accounts_account a ON a.id = c.account_id AND a.closed_at IS NULL
            WHERE c.account_id = o.account_id AND c.role = o.role AND c.person_id = o.holder_id
                AND c.ended_at IS NULL)""",
    "law 2: an owner starts when the one before ended": """
        SELECT account_id FROM (
            SELECT account_id, started_at,
                   lag(ended_at, 1, started_at) OVER (PARTITION BY account_id ORDER BY started_at, id) AS before
            FROM accounts_coverage WHERE role = 'owner') spell
        WHERE before IS DISTINCT FROM started_at""",
    "law 2: nobody serves a closed account, and nobody who has gone serves": """
        SELECT c.id FROM accounts_coverage c JOIN accounts_account a ON a.id = c.account_id
        JOIN accounts_user u ON u.id = c.person_id
        WHERE c.ended_at IS NULL AND (a.closed_at IS NOT NULL OR NOT u.is_active)""",
    "law 3: an owner has read back, or stands in unread, or had it before, or was the first": """
        SELECT c.id, u.name FROM accounts_coverage c JOIN accounts_user u ON u.id = c.person_id
        WHERE c.role = 'owner' AND NOT c.acting
            AND EXISTS (SELECT 1 FROM accounts_coverage b WHERE b.account_id = c.account_id AND b.role = 'owner'
                        AND b.id < c.id)
            AND NOT EXISTS (
                SELECT 1 FROM handoffs_handoff h WHERE h.coverage_id = c.id AND h.incoming_id = c.person_id
                    AND ((h.overridden_because <> '' AND h.overridden_by_id <> c.person_id)
                         OR EXISTS (SELECT 1 FROM handoffs_readback r WHERE r.handoff_id = h.id AND r.accepted
                                    AND r.by_id = c.person_id AND r.decided_by_id <> c.person_id)))
            AND NOT EXISTS (
                SELECT 1 FROM accounts_coverage b WHERE b.account_id = c.account_id AND b.role = 'owner'
                    AND b.person_id = c.person_id AND NOT b.acting AND b.id < c.id)""",
    "law 3: whoever is still to read back may read, and nobody else is let in": """
        SELECT c.id FROM accounts_coverage c WHERE c.role = 'incoming' AND c.ended_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM handoffs_handoff h WHERE h.account_id = c.account_id
                AND h.incoming_id = c.person_id AND h.moved_at IS NULL AND h.refused_at IS NULL
                AND h.cancelled_at IS NULL)""",
    "law 5: what they raised was closed by them, or lapsed, or ended with the account": """
        SELECT o.text FROM accounts_obligation o JOIN accounts_account a ON a.id = o.account_id
        LEFT JOIN accounts_contact c ON c.id = o.agreed_by_id
        WHERE o.closed_at IS NOT NULL AND o.contact_id IS NOT NULL AND o.kind IN ('question', 'feedback', 'repair')
            AND NOT (o.outcome = 'agreed' AND c.account_id IN (a.id, a.merged_into_id))
            AND NOT (o.outcome = 'lapsed' AND o.lapses_on < %(today)s)
            AND NOT (o.outcome = 'account_closed' AND a.closed_at IS NOT NULL)
            AND NOT (o.outcome = 'retracted' AND EXISTS (
                SELECT FROM accounts_notepart part JOIN accounts_entry note ON note.id = part.note_id
                JOIN accounts_retraction r ON r.entry_id = note.id AND r.by_id = note.author_id
                WHERE part.obligation_id = o.id AND r.at < note.recorded_at + interval '10 minutes'))""",
    "law 7: nothing is open on a closed account or in a transition that is over": """
        SELECT h.id FROM handoffs_handoff h JOIN accounts_account a ON a.id = h.account_id
        JOIN handoffs_transition t ON t.id = h.transition_id
        WHERE h.moved_at IS NULL AND h.refused_at IS NULL AND h.cancelled_at IS NULL
            AND (a.closed_at IS NOT NULL OR t.cancelled_at IS NOT NULL OR t.undone_at IS NOT NULL)""",
    "law 7: one open handoff for an account and role": """
        SELECT account_id FROM handoffs_handoff
        WHERE moved_at IS NULL AND refused_at IS NULL AND cancelled_at IS NULL
        GROUP BY account_id, role HAVING count(*) > 1""",
    "law 7: what customers were told of is not undone": """
        SELECT h.id FROM handoffs_handoff h JOIN handoffs_transition t ON t.id = h.transition_id
        WHERE h.announced_at IS NOT NULL AND t.undone_at IS NOT NULL""",
    "everybody can answer to somebody: the person of last resort is active": """
        SELECT o.id FROM accounts_organisation o LEFT JOIN accounts_user u ON u.id = o.last_resort_id
        WHERE u.is_active IS NOT TRUE""",
    "the ledger: what is closed says what became of it, when and by whom; what is open does not": """
        SELECT id FROM accounts_obligation
        WHERE (closed_at IS NULL) <> (outcome = '') OR (closed_at IS NULL) <> (closed_by_id IS NULL)""",
    "the ledger: every question has its clock": """
        SELECT id FROM accounts_obligation WHERE kind = 'question' AND respond_by IS NULL""",
    "the ledger: only what was answered lapses or is agreed": """
        SELECT id FROM accounts_obligation
        WHERE kind IN ('question', 'feedback', 'repair') AND contact_id IS NOT NULL AND answered_at IS NULL
            AND outcome IN ('agreed', 'lapsed')""",
    "the ledger: a cadence that goes on has its next visit, and one": """
        SELECT c.id FROM accounts_cadence c JOIN accounts_account a ON a.id = c.account_id
        LEFT JOIN accounts_account home ON home.id = coalesce(a.merged_into_id, a.id)
        LEFT JOIN accounts_obligation v ON v.cadence_id = c.id AND v.closed_at IS NULL
        WHERE c.ended_at IS NULL AND home.closed_at IS NULL
        GROUP BY c.id HAVING count(v.id) <> 1""",
    "the ledger: a promise breaks at midnight where the customer was": """
        SELECT o.id FROM accounts_obligation o
        LEFT JOIN accounts_entry e ON e.obligation_id = o.id AND e.step = 'broken'
        LEFT JOIN accounts_account a ON a.id = e.account_id
        WHERE o.broken_at IS NOT NULL
            AND (e.at IS DISTINCT FROM o.broken_at OR (e.at AT TIME ZONE a.time_zone)::time <> '00:00')""",
    "the ledger: a promise that ends after its day was broken first": """
        SELECT o.id FROM accounts_obligation o JOIN accounts_account a ON a.id = o.account_id
        WHERE o.kind = 'promise' AND o.broken_at IS NULL AND o.outcome <> 'retracted'
            AND o.due < (o.closed_at AT TIME ZONE a.time_zone)::date""",
    "law 5: whoever agreed or released us is one of theirs": """
        SELECT o.text FROM accounts_obligation o JOIN accounts_account a ON a.id = o.account_id
        JOIN accounts_contact c ON c.id = o.agreed_by_id
        WHERE c.account_id NOT IN (a.id, coalesce(a.merged_into_id, a.id))""",
    "the ledger: an answer lapses two weeks after it was given, and no sooner": """
        SELECT id FROM accounts_obligation
        WHERE lapses_on IS DISTINCT FROM (answered_at AT TIME ZONE 'UTC')::date + 14
            OR outcome = 'lapsed' AND (closed_at AT TIME ZONE 'UTC')::date <= lapses_on""",
    "the ledger: one letter tells of each escalation": """
        SELECT o.id FROM accounts_obligation o LEFT JOIN accounts_letter l
            ON l.to_id = o.escalated_to_id AND l.text LIKE '%%“' || o.text || '”%%'
            AND (l.subject LIKE 'No answer yet%%' OR l.subject LIKE '%% needs you')
        GROUP BY o.id HAVING count(l.id) <> (o.escalated_at IS NOT NULL)::int""",
    "the ledger: whoever still waits for our word on their feedback was not asked for more": """
        SELECT k.id FROM accounts_ask k
        JOIN accounts_entry raised ON raised.account_id = k.account_id AND raised.step = 'raised'
            AND raised.recorded_at < k.at
        JOIN accounts_obligation o ON o.id = raised.obligation_id
        WHERE k.kind = 'feedback' AND o.kind = 'feedback' AND o.closed_at IS NULL AND o.answered_at IS NULL
            AND NOT EXISTS (SELECT FROM accounts_entry r WHERE r.obligation_id = o.id AND r.step = 'reopened'
                            AND r.at > k.at)""",
    "the ledger: every step has its line on the thread, once": f"""
        SELECT o.id, o.kind, o.outcome, e.*, c.* FROM accounts_obligation o
        JOIN ({STEPS}) e ON e.id = o.id JOIN ({CHANGES}) c ON c.id = o.id
        WHERE e.raised <> 1 OR e.broken <> (o.broken_at IS NOT NULL)::int OR e.moved <> c.moved
            OR e.escalated <> (o.escalated_at IS NOT NULL)::int OR e.reopened <> c.reopened
            OR e.said <> c.answered + c.made_good OR e.ended <> c.closed - c.made_good
            OR e.handed > c.handed OR o.transfers <> c.handed""",
}
#: After the ledger was swept, nothing is left that a date or a clock should have done.
LEFT_UNDONE = """
    SELECT 'unbroken', o.id FROM accounts_obligation o JOIN accounts_account a ON a.id = o.account_id
    WHERE o.kind = 'promise' AND o.closed_at IS NULL AND o.broken_at IS NULL
        AND o.due < (%(now)s AT TIME ZONE a.time_zone)::date
    UNION ALL SELECT 'not escalated', id FROM accounts_obligation
    WHERE closed_at IS NULL AND answered_at IS NULL AND escalated_at IS NULL AND respond_by < %(now)s
    UNION ALL SELECT 'not lapsed', id FROM accounts_obligation
    WHERE closed_at IS NULL AND answered_at IS NOT NULL AND lapses_on < (%(now)s AT TIME ZONE 'UTC')::date
"""
#: What never changes once it is there, and who holds what should be broken by now.
MILESTONES = """
    SELECT o.id, o.holder_id, o.broken_by_id, o.broken_at, o.escalated_at, o.escalated_to_id,
           o.closed_at IS NULL AND o.kind = 'promise' AND o.due < (%(now)s AT TIME ZONE a.time_zone)::date
    FROM accounts_obligation o JOIN accounts_account a ON a.id = o.account_id
"""

BREACHES = " UNION ALL ".join(
    f"SELECT '{law}' AS law, breach::text FROM ({sql}) AS breach" for law, sql in FORBIDDEN.items()
)
#: How far the stories get: the rows that show it.
WORTH_REACHING = {
    "accepted": "handoffs_handoff WHERE accepted_at IS NOT NULL",
    "overridden": "handoffs_handoff WHERE overridden_at IS NOT NULL",
    "moved": "handoffs_handoff WHERE moved_at IS NOT NULL",
    "announced": "handoffs_handoff WHERE announced_at IS NOT NULL",
    "refused": "handoffs_handoff WHERE refused_at IS NOT NULL",
    "given back": "handoffs_handoff WHERE taken_back_at IS NOT NULL",
    "followed": "handoffs_handoff WHERE follows_id IS NOT NULL",
    "sent back": "handoffs_readback WHERE NOT accepted",
    "held out": "handoffs_holdout WHERE ended_at IS NOT NULL",
    "acting": "accounts_coverage WHERE acting",
    "undone": "handoffs_transition WHERE undone_at IS NOT NULL",
    "agreed": "accounts_obligation WHERE outcome = 'agreed'",
    "lapsed": "accounts_obligation WHERE outcome = 'lapsed'",
    "reopened": "accounts_entry WHERE step = 'reopened'",
    "broken": "accounts_obligation WHERE broken_at IS NOT NULL",
    "kept late": "accounts_obligation WHERE broken_at IS NOT NULL AND outcome = 'kept'",
    "told by the clock": "accounts_entry WHERE step = 'escalated' AND author_name <> ''",
    "told by them": "accounts_entry WHERE step = 'escalated' AND author_contact_id IS NOT NULL",
    "told by us": "accounts_entry WHERE step = 'escalated' AND author_id IS NOT NULL",
    "reopened twice": "accounts_entry WHERE step = 'reopened' GROUP BY obligation_id HAVING count(*) > 1",
    "decided": "accounts_entry WHERE step = 'decided'",
    "made good": "accounts_entry WHERE step = 'made_good'",
    "visited": "accounts_obligation WHERE cadence_id IS NOT NULL AND outcome = 'held'",
    "stopped": "accounts_cadence WHERE ended_at IS NOT NULL",
    "asked": "accounts_ask WHERE kind = 'feedback'",
    "noted": "accounts_notepart WHERE obligation_id IS NOT NULL",
    "taken back": "accounts_obligation WHERE outcome = 'retracted'",
    "merged": "accounts_account WHERE merged_into_id IS NOT NULL",
}
REACHED = " UNION ALL ".join(
    f"(SELECT '{what}' FROM {where} LIMIT 1)" for what, where in WORTH_REACHING.items()
)
