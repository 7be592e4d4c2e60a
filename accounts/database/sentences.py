"""The sentence a person reads when a law of the database refuses what they asked for, by the name of the law.

A constraint that Django knows carries its sentence itself, as `violation_error_message`. Triggers and what else
migrations write in SQL have theirs here; another app adds its own when it is loaded.
"""

from __future__ import annotations

from django.apps import apps

SENTENCES = {
    "account_has_owner": "An open account needs exactly one owner. Name who takes it over first.",
    "coverage_one_owner": "This account already has an owner. Somebody else may just have changed it.",
    "coverage_owner_spells_meet": "Two people cannot own the same account at the same time.",
    "coverage_person_is_active": "That person no longer works here, so they cannot serve an account.",
    "coverage_ends_with_account": "This account is closed, so nobody serves it.",
    "coverage_serves_once": "That person already serves this account in that role.",
    "obligation_holder_serves": "Whoever holds what we owe must serve that account in the role it belongs to.",
    "deal_holder_serves": "Whoever holds a deal must serve that account in the role it belongs to.",
    "last_resort_is_active": "The person of last resort must be somebody who is active. Name another first.",
    "fact_superseded_once": "Somebody has just recorded a newer answer to this. Read theirs before adding yours.",
    "asked_again_of_fact_once_a_day": "You have told us so today already. It is counted.",
    "asked_again_of_ask_once_a_day": "You have told us so today already. It is counted.",
    "topic_is_needed": "The account’s page, the brief and the checks are built on this topic, so it stays in use.",
    "topic_named_once": "There is a topic of that name already.",
    "letter_one_digest_a_day": "Today's digest has already been written.",
    "obligation_ends_with_account": "What we owe ends with the account only when the account is closed.",
    "obligation_lapses_on_its_day": "It cannot lapse yet.",
    "only_a_dated_promise_breaks": "Only a promise with a date can be broken.",
    "only_visits_have_an_hour": "Only a visit has an hour.",
    "cadence_one_per_role": "Somebody has just said how often this role visits them.",
    "visit_one_at_a_time": "The next visit is planned already.",
    "context_ends_within_a_year": "It ends within a year: choose an earlier day.",
    "ask_once_per_check_in": "They have just been asked that.",
    "verdict_once_per_ask": "One of them has just answered this.",
    "export_is_theirs": "There is no file of it for you any more. Make it again.",
    "customer_closes_what_they_raised": "Only the customer can close what the customer raised.",
}


def sentence_of(law: str) -> str:
    """The sentence for the law of this name, or an empty string where it has none."""
    carried = (
        str(constraint.violation_error_message)
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if constraint.name == law
        and constraint.violation_error_message != constraint.default_violation_error_message
    )
    return SENTENCES.get(law) or next(carried, "")
