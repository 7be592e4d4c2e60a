"""What must survive when an account passes from sale to success: what was promised to win them comes first."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

KIND = "sale_to_success"
# part, text, why, proof, topic, before writing
ITEMS = [
    (
        "actions",
        "Each promise made at the sale was gone through with whoever made it: exact words, firm or stretch",
        "“Before we bought this, you told me …”: they go by the words they heard, not by those we meant.",
        "person",
        None,
        True,
    ),
    (
        "story",
        "The outcome they bought it for is written down",
        "In ninety days they ask themselves whether it came true. Whoever answers must know what “it” was.",
        "topic",
        "outcome",
        True,
    ),
    (
        "people",
        "It is written who decided, and who will use it",
        "Those who signed and those who work with it are seldom the same people.",
        "topic",
        "decision",
        True,
    ),
    (
        "story",
        "It is written what was said about terms: prices, limits, what comes later",
        "A term that only the seller remembers turns up again at the first invoice.",
        "topic",
        "terms",
        True,
    ),
    (
        "actions",
        "Whatever keeps them from going into production is written down as a repair with a holder",
        "A trial that cannot become production was not a success, however it was sold.",
        "person",
        None,
        True,
    ),
    (
        "actions",
        "The day on which they first get something out of it is agreed with them",
        "Without a day, the first disappointment sets one.",
        "person",
        None,
        False,
    ),
    (
        "people",
        "They know that somebody comes back to them after 7, 30 and 90 days, and who that is",
        "The first silence after a signature is the loudest.",
        "person",
        None,
        False,
    ),
]


def add(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    TemplateItem = apps.get_model("handoffs", "TemplateItem")
    for position, (part, text, why, proof, topic, before_writing) in enumerate(ITEMS, start=2):
        TemplateItem.objects.create(
            kind=KIND,
            when="always",
            part=part,
            text=text,
            why=why,
            proof=proof,
            topic_id=topic,
            required=True,
            before_writing=before_writing,
            position=position,
        )


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0007_sale_to_success")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
