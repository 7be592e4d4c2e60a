"""Changes besides the departures: a leave that went well and one to come, one handover, a plan to move accounts."""

from __future__ import annotations

from accounts.models import Deal
from handoffs.models import Handoff, Transition

from .change import Change
from .telling import Story


def tell(story: Story) -> None:
    paolo_was_away(story)
    leon_got_the_brewery(story)
    elena_will_be_away(story)
    food_makers_move(story)
    the_kitchens_list_was_sold(story)


def paolo_was_away(story: Story) -> None:
    """Half a year ago: three weeks in which Elena stood in, and gave everything back by itself."""
    on, who = story.on, story.who
    change = Change(
        story,
        -224,
        "10:20",
        lambda: Transition.objects.open_leave(
            who("paolo"),
            by=who("sofia"),
            because="Paolo is with his newborn daughter for three weeks",
            access_on=on(-221),
            starts_on=on(-210),
            announced_on=on(-216),
            return_on=on(-189),
        ),
    )
    accounts = ["Dolomiti Sanatorium", "Officine Valdarno"]
    for account in accounts:
        change.assign(-224, "10:40", "sofia", account, "elena", "Knows the plants from the yearly meeting")
    change.start(-223, "9:15", "sofia")
    change.begin_to_read(-221)
    for account in accounts:
        change.write(-219, "11:30", account, "paolo")
        change.approve(-218, "14:10", account, "sofia")
    change.announce(-216, "8:00", *accounts)
    change.read_back(
        -215, "15:25", "Officine Valdarno",
        "In value. Presses by ear, robots by network, one plan.",
        "One plan for old machines and new; the others wanted two. Nothing that must not be raised.",
        "Giulia: she stopped a press on our word and paid for it.",
        "Nothing is open.",
        "Nothing while Paolo is away.",
        "A warning at the end of the quarter. I ring Giulia before it shows on any screen.",
    )  # fmt: skip
    change.read_back(
        -215, "16:05", "Dolomiti Sanatorium",
        "In value; the winter list is what they live by.",
        "Nothing fails while the road is closed, and the list was ours. Nothing that must not be raised.",
        "Irma, who answers within the hour.",
        "Nothing is open.",
        "Nothing before the snow.",
        "Snow on the road. Everything on the list is then in the house or it is not.",
    )  # fmt: skip
    for account in accounts:
        change.tick(-214, "9:05", account, "paolo")
        change.accept(-214, "9:20", account, "paolo")
        change.of(account, -210, "6:10", lambda handoff: handoff.becomes_accountable())
    change.tell(-189, "6:10", lambda transition: transition.person_returns())


def leon_got_the_brewery(story: Story) -> None:
    """Some months ago: one account, from Ines to Leon, to its confirmed end."""
    on, who = story.on, story.who
    brewery = "Bergedorf Brewery"
    change = Change(
        story,
        -79,
        "9:30",
        lambda: Transition.objects.open_handover(
            story.account(brewery).coverage.owners().get(),
            who("leon"),
            by=who("max"),
            because="Leon lives ten minutes from the brewery and has time for it",
            access_on=on(-79),
            accountable_on=on(-74),
            announced_on=on(-75),
        ),
    )
    change.start(-79, "9:35", "max")
    change.write(-78, "13:45", brewery, "ines")
    change.approve(-77, "17:20", brewery, "max")
    change.read_back(
        -76, "10:50", brewery,
        "The line runs; it did not stop all summer, and that is all Jule asks.",
        "Two summers of trouble, and none since. Nobody says business before the tasting.",
        "Jule. Taste first, talk later. She gave up the old mechanic's contract for us.",
        "Nothing is open. A round for the old capper should be offered.",
        "Nothing is dated.",
        "The capper is old and in no plan. I look at it on my first visit.",
    )  # fmt: skip
    change.announce(-75, "8:00", brewery)
    change.tick(-74, "16:30", brewery, "ines")
    change.accept(-74, "16:40", brewery, "ines")
    story.tell(-70, "11:15", lambda: _confirm(story, brewery, "Jule"))


def _confirm(story: Story, account: str, name: str) -> None:
    handoff = Handoff.objects.get(account__name=account, moved_at__isnull=False)
    handoff.confirm(contact=story.customers[account].contact(name))


def elena_will_be_away(story: Story) -> None:
    """Being planned: one of her two accounts has nobody yet."""
    on, who = story.on, story.who
    change = Change(
        story,
        -5,
        "16:10",
        lambda: Transition.objects.open_leave(
            who("elena"),
            by=who("sofia"),
            because="Elena climbs in Georgia for three weeks",
            access_on=on(16),
            starts_on=on(20),
            announced_on=on(17),
            return_on=on(41),
        ),
    )
    change.assign(-5, "16:20", "sofia", "Tauern Cableways", "paolo", "Speaks German with Josef already")


def food_makers_move(story: Story) -> None:
    """Operations plan it, Sofia has approved, Max sent the first plan back and has the second before him."""
    on, who = story.on, story.who
    change = Change(
        story,
        -8,
        "14:30",
        lambda: Transition.objects.open_reorg(
            "Food makers in one pair of hands",
            [
                (story.account("Haverkamp Mills"), who("elena"), "Food, and near Elena's others by train"),
                (story.account("Bergedorf Brewery"), who("elena"), "Food"),
                (story.account("Tauern Cableways"), who("leon"), "Transport, like Kranich and Tidemark"),
            ],
            by=who("omar"),
            because="One person for everybody who makes food, so that you need not explain an audit to us",
            access_on=on(50),
            accountable_on=on(64),
            announced_on=on(55),
        ),
    )
    change.tell(-8, "14:50", lambda t: t.submit(by=who("omar")))
    change.tell(
        -7,
        "18:05",
        lambda t: t.return_to_planner(
            by=who("max"),
            because="Bergedorf got Leon only some weeks ago. Why would Jule want a third name within a year?",
        ),
    )
    change.assign(
        -5, "11:20", "omar", "Bergedorf Brewery", "elena", "Food. Starts with two visits together with Leon"
    )
    change.tell(-4, "9:25", lambda t: t.submit(by=who("omar")))
    change.tell(-3, "17:30", lambda t: t.approve(by=who("sofia"), fingerprint=t.fingerprint))


def the_kitchens_list_was_sold(story: Story) -> None:
    """From sale to success: Hanne has read back what was promised at the sale, and somebody is to accept it."""
    on, who = story.on, story.who
    house = "Dolomiti Sanatorium"
    change = Change(
        story,
        -9,
        "11:15",
        lambda: Transition.objects.open_sale_to_success(
            Deal.objects.get(account__name=house, outcome=Deal.Outcome.WON),
            who("hanne"),
            by=who("sofia"),
            because="Hanne looks after what was bought, and comes before the snow does",
            access_on=on(-8),
            accountable_on=on(3),
            announced_on=on(2),
        ),
    )
    change.start(-9, "11:20", "sofia")
    change.begin_to_read(-8)
    change.write(-7, "14:15", house, "paolo")
    change.approve(-6, "10:25", house, "sofia")
    change.approve(-5, "13:35", house, "petra")
    change.read_back(
        -2, "15:55", house,
        "In value for most of a year, cut off twelve days of it. The winter list holds the house together, and the "
        "kitchen comes onto it now. Nothing may fail while the road is closed.",
        "We asked what must be in the house when the road closes, and wrote it down. Nobody comes to sell something.",
        "Irma, who answers within the hour; she asked who comes when the snow does, and I want that to be answered.",
        "To Irma: the kitchen's list in the house before the first snow, by {+18}. The laundry only if we can: it "
        "was said as a try, by {+45}.",
        "The kitchen on {+18}. The direct debit on the first of the month, one price for the whole house.",
        "Snow before the list. Then I drive up with what is on it and stay until the road opens.",
    )  # fmt: skip
