"""The two departures under way: Olivia, who hands over in her last weeks, and Gregor, who could not."""

from __future__ import annotations

from collections.abc import Callable

from accounts.models import Deal
from handoffs.models import Handoff, Transition

from .change import Change
from .telling import Story


def tell(story: Story) -> None:
    olivias_accounts(story, olivia_leaves(story))
    gregors_accounts(story, gregor_has_gone(story))


def olivia_leaves(story: Story) -> Change:
    """Planned, in two weeks: seven accounts, each at another step."""
    on, who = story.on, story.who
    change = Change(
        story,
        -9,
        "9:40",
        lambda: Transition.objects.open_departure(
            who("olivia"),
            by=who("max"),
            because="Olivia moves to Porto with her family and leaves Kettleby",
            access_on=on(-6),
            accountable_on=on(7),
            announced_on=on(3),
            last_day=on(10),
            back_up_until=on(10),
        ),
    )
    near = "Serves the same trade in the north"
    for clock, account, to, because in [
        ("10:05", "Nordwald Clinics", "ines", "Ran two clinics like it; Carla asked for somebody who has"),
        ("10:06", "Lüneburg Waterworks", "ines", "Has stood in pumping stations before"),
        ("10:07", "Varde Pumps", "ines", near),
        ("10:08", "Elbtal Dairy", "ines", near),
        ("10:09", "Osterby Bakeries", "leon", "Knows food makers; Ines has enough with five"),
        ("10:10", "Sundfjord Ferries", "ines", near),
        ("10:11", "Piave Glass", "paolo", "Lives an hour away and speaks Italian"),
    ]:
        change.assign(-9, clock, "max", account, to, because)
    change.start(-9, "10:30", "max")
    for account, accountable in (("Nordwald Clinics", 7), ("Lüneburg Waterworks", -3), ("Varde Pumps", 2)):
        change.of(account, -9, "11:00", _earlier(story, accountable))
    change.begin_to_read(-6)
    change.announce(-3, "8:00", "Nordwald Clinics", "Lüneburg Waterworks", "Varde Pumps")
    return change


def _earlier(story: Story, accountable: int) -> Callable[[Handoff], object]:
    return lambda handoff: handoff.reschedule(
        access_on=story.on(-6),
        accountable_on=story.on(accountable),
        announce_on=story.on(-3),
        by=story.who("max"),
    )


def olivias_accounts(story: Story, change: Change) -> None:
    """Sundfjord is still to write; the others are further."""
    on, who = story.on, story.who
    # Lüneburg Waterworks: all the way. From here on it is Ines's, with Olivia as back-up.
    change.write(-7, "9:20", "Lüneburg Waterworks", "olivia")
    change.approve(-6, "9:10", "Lüneburg Waterworks", "max")
    change.read_back(
        -4, "13:20", "Lüneburg Waterworks",
        "Content. Their wall calendar of 1997 became our plan, with what Dieter knew, before he retires. "
        "The late link to the wells' modem cost two months, and they trust us because we said so. Nothing "
        "may depend on one memory again.",
        "We asked what Dieter knows before he retires, and said so when we were late. The dunning letter is not "
        "to be raised again.",
        "Henning: he showed it to two neighbours and gave his training days. Then Ilse, who pays.",
        "To Ilse a plan for the pipes with its price, for the council's papers, by {+12}. Fourteen wells "
        "get inspection plans.",
        "The pipes on {+12}, in time for the council's Thursday.",
        "A dunning letter: thirty days to pay, the council meets once a month, never remind them. And above "
        "20,000 euros only the council on its Thursday decides, so the pipes must be in the papers in time.",
    )  # fmt: skip
    change.tick(-4, "16:00", "Lüneburg Waterworks", "olivia")
    change.accept(-3, "9:45", "Lüneburg Waterworks", "olivia")
    # Varde Pumps: read back, and two things that must survive are not in it.
    change.write(-6, "15:00", "Varde Pumps", "olivia")
    change.approve(-5, "8:50", "Varde Pumps", "max")
    change.tick(-4, "16:20", "Varde Pumps", "olivia")
    change.of(
        "Varde Pumps",
        -4,
        "17:00",
        lambda h: h.hold_out(
            on(8),
            by=who("max"),
            because="Birthe and Olivia are in the middle of the price for Esbjerg",
            deal=Deal.objects.get(name="Esbjerg plant"),
        ),
    )
    change.read_back(
        -1, "11:10", "Varde Pumps",
        "In value, with an open wound: the gearboxes of line 2. Surprises fell from 90 hours to about 30, "
        "the goal is under 20 on both lines, without weekend shifts.",
        "Birthe can live with planned hours, not with surprises. No weekend work: Søren promised his foremen.",
        "Søren, who showed our plan to Esbjerg unasked. He gave me the gearbox numbers himself.",
        "A weekly look at the gearboxes with a line to Søren, next by {+9}; a price for Esbjerg that counts "
        "both plants as one customer, by {+15}.",
        "The gearboxes on {+9}, the price for Esbjerg on {+15}.",
        "A gearbox above 80 degrees: I ring Søren's mobile at any hour and send Jonas before the plan says "
        "anything.",
        colleague="jonas", takes="Weekly look",
    )  # fmt: skip
    # Nordwald Clinics: approved, and Carla knows. Ines has it before her.
    change.write(-6, "11:00", "Nordwald Clinics", "olivia")
    change.approve(-5, "9:05", "Nordwald Clinics", "max")
    # Osterby Bakeries: approved, then Gunnar rang, and the approval is stale.
    change.write(-7, "10:40", "Osterby Bakeries", "olivia")
    change.approve(-6, "9:30", "Osterby Bakeries", "max")
    # Piave Glass: goes to the other region, so two managers decide, and one has.
    change.write(-5, "10:15", "Piave Glass", "olivia")
    change.approve(-4, "8:45", "Piave Glass", "max")
    # Elbtal Dairy: returned once, written again.
    change.write(-3, "17:10", "Elbtal Dairy", "olivia")
    change.of(
        "Elbtal Dairy",
        -2,
        "9:00",
        lambda h: h.return_to_writer(
            by=who("max"), because="What did Bernd say yes to, word for word? A verbal yes travels badly."
        ),
    )
    change.write(-1, "14:40", "Elbtal Dairy", "olivia")


def gregor_has_gone(story: Story) -> Change:
    """From one day to the next. Max answers for everything, unread; the briefs come from the memory alone."""
    on, who = story.on, story.who
    change = Change(
        story,
        -4,
        "10:10",
        lambda: Transition.objects.open_departure(
            who("gregor"),
            by=who("max"),
            because="Gregor has left Kettleby at short notice",
            access_on=on(-4),
            accountable_on=on(-4),
            announced_on=on(2),
            sudden=True,
        ),
    )
    for clock, account, to, because in [
        ("11:40", "St Brannock's Hospital", "ines", "Hospitals"),
        ("11:41", "Kranich Logistics", "ines", "Transport, and near"),
        ("11:42", "Tidemark Harbour", "leon", "Has room"),
        ("11:43", "Feldmann Print", "leon", "Has met Anke Feldmann"),
    ]:
        change.assign(-4, clock, "max", account, to, because)
    change.start(-4, "11:50", "max")
    return change


def gregors_accounts(story: Story, change: Change) -> None:
    """Each at another step; Kranich was refused by Ines and now waits for Leon, with gaps."""
    who = story.who
    change.of(
        "Kranich Logistics",
        -3,
        "12:10",
        lambda h: h.refuse(
            by=who("ines"),
            because="I take on five of Olivia's and St Brannock's in the same two weeks. Kranich has eleven "
            "trailers gone wrong and deserves somebody who can be there tomorrow.",
        ),
    )
    story.tell(
        -2,
        "8:30",
        lambda: Handoff.objects.get(account__name="Kranich Logistics", refused_at__isnull=False).replace(
            who("leon"), by=who("max"), because="Leon has room and two trailers to find"
        ),
    )
    # Feldmann Print: cannot wait for a read-back.
    change.of(
        "Feldmann Print",
        -2,
        "15:30",
        lambda h: h.override(
            by=who("max"),
            because="Anke Feldmann signs for three years within days and wants to know with whom; Leon has met her",
        ),
    )
    # Tidemark Harbour: Hanne filled the gaps and wrote it, Max decides. St Brannock's: Max wrote it, so Petra decides.
    change.write(-2, "16:40", "Tidemark Harbour", "hanne")
    change.write(-1, "17:05", "St Brannock's Hospital", "max")
