"""What Ines and Leon serve already in the north, and one customer whom we lost."""

from __future__ import annotations

from config.demo.story.customer import Customer
from config.demo.story.telling import Story

# fmt: off


def tell(story: Story) -> None:
    haverkamp(story)
    sundholm(story)
    bergedorf(story)
    rehm(story)


def haverkamp(story: Story) -> None:
    c = Customer(story, "Haverkamp Mills", "ines", -338, industry="Food", region="North",
        segment="Mid-market", country="Netherlands", employees=380, founded=1911,
        website="haverkamp-mills.example", time_zone="Europe/Amsterdam")
    c.person(-338, "Joost Haverkamp", "economic_buyer", "decision_maker", title="Owner, fourth generation")
    c.person(-337, "Wil de Groot", "champion", title="Head miller", email="wil@haverkamp-mills.example",
        strength=3, evidence="Told the flour millers' guild that he sleeps again.",
        cost="Sold the grandfather's inspection bell to Joost as nostalgia.")
    c.stage(-337, "evaluating", "ines", "Dust and bearings: what runs hot, burns.")
    c.talk(-331, "ines", ("Joost", "Wil"),
        "A hot bearing in flour dust is how mills end. Wil feels each with his hand every evening, 212 of "
        "them.")
    c.stage(-291, "deciding", "ines", "Wil's hand against our round: same nine findings.")
    c.stage(-285, "evaluating", "ines", "Back: the insurer wants to see it first.")
    c.stage(-246, "onboarding", "ines",
        "The insurer lowers the premium if they do it. Signed the same week.")
    c.fact(-245, "ines", "why-us", "We went to the insurer with them.", told="Joost", shared=True)
    c.stage(-160, "in_value", "ines", "Two bearings changed before they ran hot.")
    c.fact(-159, "ines", "outcome", "Wil goes home at six, and the insurer stays content.", told="Wil",
        shared=True)
    c.fact(-158, "ines", "decision", "Joost decides at breakfast. Wil is at breakfast.", told="Wil")
    c.visit(-101, "ines", ("Joost", "Wil"), "Breakfast at the mill. Joost thinks of a bakery of his own.")
    c.promise(-60, "ines", "The insurer's yearly letter is drafted by us", due=-30, to="Joost", shared=True
    ).kept(-27, "ines")
    c.question(-70, "ines", "Who at the insurer reads our letter?", to="Joost", shared=True
    ).answered(-66, "ines", "A Ms Dekker, who has been in mills; I have her number.").lapsed(-49)
    c.promise(-25, "ines", "Rounds for the new silo before it is filled", due=6, to="Wil", shared=True)
    c.fact(-24, "ines", "needs", "The new silo, before the harvest comes in.", told="Wil")
    c.fact(-24, "ines", "story",
        "Two hundred bearings felt by hand each evening became a round the insurer pays for. A silo is "
        "being added.")
    c.reported(-13, "leon",
        "At the millers' fair a colleague of ours told Joost that the old rounds would be switched off. That "
        "is not so", severity="nuisance", to="Joost"
    ).made_good(-12, "ines", "Rang Joost the same day: nothing is switched off, and he has it in writing."
    ).agreed(-9, "ines", "Joost", "I did not believe it anyway.")
    c.reported(-27, "ines",
        "Our order form takes one delivery address; the mill's papers must go to the insurer as well",
        severity="nuisance", obstacle="form"
    ).made_good(-7, "omar", "The form takes as many addresses as one writes down.")
    c.mail(-5, "ines", "Wil",
        "Sent the silo's round in draft; he wants the ladder first and the top bearing last.", shared=True)
    c.rate(-5, "steady", "ines", "Content, next step agreed.")
    c.meeting(-4, "ines", "Walk the new silo's round with Wil, ladder first", on=1, hour=10, to="Wil")


def sundholm(story: Story) -> None:
    c = Customer(story, "Sundholm Rehabilitation", "ines", -325, industry="Hospitals", region="North",
        segment="Enterprise", country="Denmark", employees=1700, founded=1936,
        website="sundholm-rehab.example", time_zone="Europe/Copenhagen")
    c.person(-325, "Lærke Bruun", "champion", title="Head of therapy equipment",
        email="bruun@sundholm-rehab.example", strength=2,
        evidence="Put our name into the region's tender wording.", say_name="LAIR-keh")
    c.person(-324, "Ove Dahl", "economic_buyer", title="Administration")
    c.stage(-324, "evaluating", "ines", "Lifts for patients: an overdue one is a scandal.")
    c.stage(-260, "onboarding", "ines", "Tender won by half a point, on the answer about offline use.")
    c.joins(-258, "success", "hanne", "ines", "Onboarding begins")
    c.joins(-258, "support", "jonas", "ines", "Onboarding begins")
    c.fact(-250, "ines", "outcome",
        "No patient lift in use past its inspection, and the ward sees it on the lift itself.", told="Lærke",
        shared=True)
    c.visit(-230, "hanne", "Lærke",
        "Swimming-hall lift: chlorine eats the labels. Ordered the caustic-proof ones that Elbtal Dairy "
        "uses.")
    c.stage(-170, "in_value", "hanne", "Every lift carries its date.")
    c.talk(-140, "ines", ("Lærke", "Ove"),
        "Tender comes up again in two years; Ove keeps a folder of complaints, so far empty.")
    c.fact(-139, "ines", "procurement",
        "Public tender every three years; any gift above coffee must be declared.", told="Ove")
    c.visited_every(-188, "success", 182, "hanne")
    c.reported(-61, "omar",
        "Our order form has no field for the region's tender number, so Ove types each order twice",
        severity="hinders", obstacle="form", to="Ove"
    ).made_good(-41, "omar", "The form asks for it now, and keeps it for the next order."
    ).agreed(-39, "ines", "Ove", "Typed once. Thank you.")
    c.promise(-44, "ines", "Export of all inspections for the region's statistics", due=-12, to="Ove",
        shared=True).moved(-15, 6, "ines", "The region changed its table last month; we fill the new one.")
    c.question(-10, "ines", "Does the tag on the lift survive the disinfection bath at 70 degrees?",
        to="Lærke", holder="jonas", role="support", shared=True)
    c.fact(-34, "ines", "decision", "Ove may retire before the next tender; Lærke smiled when I asked.",
        guessed=True)
    c.fact(-33, "ines", "needs",
        "The swimming-hall lift, which fails on Mondays after the chlorine is renewed.", told="Lærke")
    c.talk(-32, "ines", "Lærke",
        "Long talk about Mondays. The hall is closed on Sundays and nobody rinses the lift.")
    c.win(-95, "hanne", "Lærke", "All 214 lifts carry their date; the wards stopped ringing to ask.", shared=True)
    c.would_choose_again(-160, "ines", "yes", "The half point in the tender was well spent.", to="Lærke")
    c.thanks(-20, "ines", "Lærke", "Thanked Lærke for the two wards she lent us as a reference.")


def bergedorf(story: Story) -> None:
    c = Customer(story, "Bergedorf Brewery", "ines", -300, industry="Food", region="North", segment="Small",
        country="Germany", employees=140, founded=1863, website="bergedorf-brewery.example",
        time_zone="Europe/Berlin")
    c.person(-300, "Jule Hansen", "champion", "decision_maker", title="Brewmaster",
        email="jule@bergedorf-brewery.example", strength=3,
        evidence="Brewed a beer called Runde for the first year without a stopped line.",
        cost="Gave up the old mechanic's contract for it.")
    c.stage(-299, "evaluating", "ines", "One bottling line, two summers of trouble.")
    c.stage(-250, "onboarding", "ines", "Signed over a tasting.")
    c.stage(-180, "in_value", "ines", "A summer without a stop.")
    c.win(-179, "ines", "Jule", "Ninety-one days of summer, and the bottling line never stood still.", shared=True)
    c.would_choose_again(-155, "ines", "yes", "Before the foam settles.", to="Jule")
    c.fact(-179, "ines", "outcome", "The line runs all summer.", told="Jule", shared=True)
    c.talk(-81, "ines", "Jule",
        "Told Jule that Leon follows, and why. She wants him to taste first and talk later.")
    c.fact(-80, "ines", "story",
        "A bottling line that stopped two summers running has not stopped since. Jule named a beer after "
        "it.")
    c.rate(-80, "steady", "ines", "Content; Leon has met Jule.")
    c.visit(-38, "leon", "Jule",
        "Tasted first. Then found with her that the old capper has no round at all.")
    c.promise(-37, "leon", "A round for the old capper", due=2, to="Jule", shared=True)
    c.fact(-37, "leon", "needs", "The old capper, before the {month+120} brew.", told="Jule")
    c.feedback(-24, "leon", "Show the round in the order in which one walks, not by number", to="Jule",
        shared=True)
    c.meeting(-2, "leon", "Walk the old capper's round with Jule", on=1, hour=11, to="Jule")
    c.talk(-1, "leon", "Jule",
        "Read her the capper's round on the phone, in walking order. She laughed at step four and will "
        "walk it tomorrow.")


def rehm(story: Story) -> None:
    """Not every story ends well, and that is kept too."""
    c = Customer(story, "Rehm Foundry", "gregor", -345, industry="Machinery", region="North",
        segment="Small", country="Germany", employees=60, website="rehm-foundry.example",
        time_zone="Europe/Berlin")
    c.person(-345, "Kurt Rehm", "decision_maker", title="Owner")
    c.stage(-344, "evaluating", "gregor", "Kurt Rehm wants to know what his furnace needs.")
    c.talk(-300, "gregor", "Kurt", "Likes it, but his son shall decide, and his son looks for a buyer.")
    c.promise(-300, "gregor", "A sum of what a planned relining would save", due=-270, to="Kurt"
    ).kept(-275, "gregor")
    c.stage(-200, "at_risk", "gregor", "The foundry is for sale.")
    c.is_closed(-142, "gregor", "The foundry was sold and the furnace shut down")
