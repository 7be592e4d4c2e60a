"""A checklist to begin with. Operations change it in the browser; open handoffs keep the one they were given."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# kind, when, part, text, why, proof, topic, required, before writing
ITEMS = [
    (
        "",
        "always",
        "condition",
        "The account is rated steady, watch or urgent, with the reason",
        "The next owner decides by this whom to call first.",
        "condition",
        None,
        True,
        True,
    ),
    (
        "",
        "always",
        "story",
        "The story is told in a minute",
        "The customer must not have to tell it again.",
        "topic",
        "story",
        True,
        True,
    ),
    (
        "",
        "always",
        "story",
        "The outcome they want is written in their words",
        "Everything else is measured by it.",
        "topic",
        "outcome",
        False,
        True,
    ),
    (
        "",
        "always",
        "story",
        "It is written why they chose us",
        "Whoever forgets the reason gives it away in the next negotiation.",
        "topic",
        "why-us",
        False,
        True,
    ),
    (
        "",
        "always",
        "people",
        "A champion is named, with what shows it",
        "If nobody there speaks for us, the next owner has to know that too.",
        "champion",
        None,
        False,
        True,
    ),
    (
        "",
        "always",
        "people",
        "A second colleague knows somebody there",
        "An account that hangs on one acquaintance starts over with every change.",
        "second_person",
        None,
        False,
        True,
    ),
    (
        "",
        "always",
        "people",
        "It is written who decides, and how",
        "So that nobody is passed over in the first month.",
        "topic",
        "decision",
        False,
        True,
    ),
    (
        "",
        "always",
        "actions",
        "There is a note from the last 60 days",
        "An older picture is a guess.",
        "recent_note",
        None,
        False,
        True,
    ),
    (
        "",
        "always",
        "if_then",
        "What could happen is written down, with what we do then",
        "Surprises are cheaper when they are expected.",
        "topic",
        "if-then",
        False,
        True,
    ),
    (
        "",
        "planned",
        "actions",
        "Everything promised by word of mouth is in the ledger",
        "What only one person remembers leaves with that person.",
        "person",
        None,
        True,
        True,
    ),
    (
        "departure",
        "planned",
        "actions",
        "Mail and files that only the leaver has are where the team can find them",
        "Their mailbox closes on the last day.",
        "person",
        None,
        True,
        False,
    ),
    (
        "departure",
        "sudden",
        "actions",
        "Colleagues who worked with this customer were asked what had been promised",
        "Nobody else can say it any more, and the customer should be the last to be asked.",
        "person",
        None,
        True,
        True,
    ),
    (
        "leave",
        "planned",
        "actions",
        "It is written what must not wait until the return",
        "The stand-in otherwise finds out from the customer.",
        "person",
        None,
        True,
        True,
    ),
    (
        "reorg",
        "planned",
        "people",
        "The customer's last changes of owner were looked at",
        "Somebody on their third owner within a year needs more than a note.",
        "person",
        None,
        False,
        True,
    ),
]


def add(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    TemplateItem = apps.get_model("handoffs", "TemplateItem")
    for position, (kind, when, part, text, why, proof, topic, required, before_writing) in enumerate(
        ITEMS, start=1
    ):
        TemplateItem.objects.create(
            kind=kind,
            when=when,
            part=part,
            text=text,
            why=why,
            proof=proof,
            topic_id=topic,
            required=required,
            before_writing=before_writing,
            position=position * 10,
        )


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0002_laws"), ("accounts", "0003_topics")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
