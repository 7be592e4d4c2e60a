"""What is worth knowing about any customer. A start: operations change the catalogue as they like."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

FIELDS = ["position", "slug", "name", "question", "must_survive", "review_days"]
TOPICS = [
    (
        10,
        "outcome",
        "Outcome they want",
        "What has to be different a year from now for this to have been worth it?",
        True,
        180,
    ),
    (
        20,
        "why-us",
        "Why they chose us",
        "What decided it for us, and what nearly decided it against us?",
        True,
        365,
    ),
    (30, "story", "Story in a minute", "How did we get here, most recent first?", True, 90),
    (
        40,
        "needs",
        "What they need now",
        "What are you working on this quarter that we are part of?",
        True,
        90,
    ),
    (50, "decision", "How they decide", "Who has to say yes, in which order, and who can say no?", True, 180),
    (
        60,
        "budget",
        "Budget and fiscal year",
        "When is money planned, when is it released, and who asks for it?",
        False,
        180,
    ),
    (
        70,
        "criteria",
        "What they measure us by",
        "What will you look at to say whether this works?",
        False,
        180,
    ),
    (80, "terms", "Terms agreed", "What did we agree that is not in the standard contract?", True, 365),
    (
        85,
        "contract",
        "Prices and contract history",
        "What have you paid so far, and what changed with each renewal?",
        False,
        365,
    ),
    (
        90,
        "competition",
        "Whom else they consider",
        "What else did you look at, or do you use beside us?",
        False,
        180,
    ),
    (
        100,
        "procurement",
        "Quirks of procurement",
        "Which forms, systems or people does an order have to pass?",
        False,
        365,
    ),
    (110, "words", "Their words for things", "What do you call it in your house?", False, 365),
    (
        115,
        "handling",
        "How to handle them",
        "What must one know before calling or visiting each of them?",
        True,
        365,
    ),
    (120, "if-then", "If … then …", "What could happen, and what do we do then?", True, 90),
]


def add(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    Topic = apps.get_model("accounts", "Topic")
    for topic in TOPICS:
        Topic.objects.create(**dict(zip(FIELDS, topic, strict=True)))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_search")]

    operations = [migrations.RunPython(add)]
