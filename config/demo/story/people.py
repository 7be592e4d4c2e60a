"""The cast: Kettleby's people. (Those of the customers are where their customer is told of.)"""

from __future__ import annotations

from accounts.models import Organisation, User

from .clock import ZONE
from .telling import Story

MANAGER, REP, OPERATIONS = User.Kind.MANAGER, User.Kind.REP, User.Kind.OPERATIONS

#: First name, full name, kind, title, region, whom they report to.
COLLEAGUES = [
    ("petra", "Petra Lindt", MANAGER, "Vice president, sales", "North", ""),
    ("ruth", "Ruth Aldermann", MANAGER, "Chief product officer", "North", ""),
    ("max", "Max Stein", MANAGER, "Sales manager, North", "North", "petra"),
    ("sofia", "Sofia Marín", MANAGER, "Sales manager, South", "South", "petra"),
    ("olivia", "Olivia Berg", REP, "Account manager", "North", "max"),
    ("ines", "Ines Roth", REP, "Account manager", "North", "max"),
    ("leon", "Leon Albrecht", REP, "Account manager", "North", "max"),
    ("gregor", "Gregor Hallas", REP, "Account manager", "North", "max"),
    ("klaus", "Klaus Reimer", REP, "Account manager", "North", "max"),
    ("paolo", "Paolo Ferrante", REP, "Account manager", "South", "sofia"),
    ("elena", "Elena Kostova", REP, "Account manager", "South", "sofia"),
    ("hanne", "Hanne Vogt", REP, "Customer success manager", "North", "petra"),
    ("jonas", "Jonas Okafor", REP, "Support engineer", "North", "petra"),
    ("omar", "Omar Haddad", OPERATIONS, "Sales operations", "North", "petra"),
]

#: What each of the cast is about, in the order in which one should meet them.
LINES = {
    "max": "manages Olivia, Ines and Leon; approves, and answers meanwhile for what Gregor left behind",
    "olivia": "rep who leaves in two weeks and knows everybody",
    "ines": "rep who takes over most of Olivia's accounts, and reads them back",
    "petra": "vice president of sales, Max's manager, and the person of last resort",
    "sofia": "manager of the other region, who gains one of Olivia's accounts and plans a leave",
    "leon": "rep in his first year; most of what Gregor left goes to him",
    "paolo": "rep in the south, back from leave, with Piave Glass on its way to him",
    "elena": "rep in the south who goes on leave soon",
    "hanne": "success manager; visits, and knows what Gregor never wrote down",
    "jonas": "support engineer with a question on his desk",
    "ruth": "chief product officer and executive sponsor of Nordwald",
    "omar": "operations: the reorganisation, imports, checklists and people",
    "Carla": "Nordwald's champion, who is about to get a new contact person and can read why",
    "Henning": "Lüneburg Waterworks: the change has happened, and he corrected us",
    "Mette": "Sundfjord Ferries: waits for an answer, and nobody has told her yet",
    "Amira": "St Brannock's Hospital: her contact person was gone overnight",
    "Giulia": "Officine Valdarno: nothing changes for her, as it should be",
}


def employ(story: Story) -> None:
    """Everybody is here before the story begins."""
    story.tell(-430, "8:00", lambda: _employ(story))
    story.tell(-258, "17:00", lambda: _retire(story))


def _employ(story: Story) -> None:
    for position, (key, name, kind, title, region, above) in enumerate(COLLEAGUES):
        story.people[key] = User.objects.create_user(
            f"{key}.{name.split()[-1].lower().replace('í', 'i')}@kettleby.example",
            name,
            kind=kind,
            title=title,
            region=region,
            phone=f"+49 40 5550 {200 + position}",
            reports_to=story.people.get(above),
        )
    organisation = Organisation.get()
    organisation.name, organisation.time_zone = "Kettleby", str(ZONE)
    organisation.last_resort = story.people["petra"]
    organisation.save()


def _retire(story: Story) -> None:
    story.who("klaus").deactivate(by=story.who("max"), because="Klaus has retired after 22 years")


def cast(story: Story) -> list[dict[str, str]]:
    """Whom one can sign in as: name, e-mail, role and a line; Carla, the customer to begin with, among the first."""
    met = [(story.who(key), line) for key, line in LINES.items()]
    return [
        {
            "name": person.name,
            "email": person.email,
            "role": str(person.get_kind_display()),
            "line": line,
        }
        for person, line in met
    ]
