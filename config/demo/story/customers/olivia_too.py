"""Olivia's book, second half: Elbtal Dairy, Osterby Bakeries, Piave Glass, and Sundfjord Ferries (hardly a word)."""

from __future__ import annotations

from config.demo.story.customer import Customer
from config.demo.story.telling import Story

# fmt: off


def tell(story: Story) -> None:
    elbtal(story)
    osterby(story)
    piave(story)
    sundfjord(story)


def elbtal(story: Story) -> None:
    c = Customer(story, "Elbtal Dairy", "olivia", -344, industry="Food", region="North",
        segment="Mid-market", country="Germany", employees=520, founded=1926, website="elbtal-dairy.example",
        time_zone="Europe/Berlin")
    c.person(-344, "Katrin Wiebe", "champion", "user", title="Quality manager",
        email="wiebe@elbtal-dairy.example", strength=3,
        evidence="Took our audit proofs into the retailer's audit without asking us, and passed.",
        cost="Stood against the production manager, who wanted to keep the paper.")
    c.person(-343, "Bernd Oelze", "decision_maker", title="Managing director")
    c.person(-343, "Falk Riedel", "blocker", title="Production manager")
    c.stage(-343, "learning", "olivia", "Katrin asked how the cleaning of a filling line can be proven.")
    c.talk(-340, "olivia", "Katrin",
        "Retailers audit them four times a year. Each time two people copy cleaning sheets for a week.")
    lost = c.deal(-339, "olivia", "Whole dairy at once", 61_000, closes=-300, stage="Asked")
    c.closes(-319, lost, "lost", "olivia")
    c.visit(-321, "olivia", ("Katrin", "Bernd"),
        "The filling line at four in the morning. Bernd signs what Katrin trusts; Falk says paper never "
        "crashed.")
    c.stage(-318, "evaluating", "olivia", "Tries it on one filling line until the next audit.")
    c.fact(-290, "olivia", "why-us", "The audit passed with our proofs on the day the paper ones were wet.",
        told="Katrin", shared=True)
    c.stage(-288, "onboarding", "olivia", "Bernd signed for four lines on the day after the audit.")
    c.joins(-280, "success", "hanne", "olivia", "Onboarding begins")
    c.promise(-279, "olivia", "Labels that survive the caustic cleaning", due=-250, to="Katrin", shared=True
    ).kept(-252, "olivia")
    c.fact(-250, "hanne", "words", "“Weisse Woche” is the week before an audit. Nothing new in that week.",
        told="Katrin")
    c.stage(-214, "in_value", "hanne", "Audit prepared in four hours instead of a week.")
    c.fact(-213, "olivia", "outcome", "An unannounced audit is an ordinary day.", told="Katrin", shared=True)
    c.talk(-160, "olivia", "Falk",
        "Falk rang by himself: the stop list saved him a batch. He still prints it. Let him.")
    c.fact(-150, "olivia", "terms",
        "Invoices once a year in advance, with 3 % off. Bernd asked for it, it is in the order and not in "
        "the contract.", told="Bernd")
    c.fact(-149, "olivia", "decision",
        "Bernd signs, Katrin recommends; above 30,000 euros his sister, who owns half and lives in Lucerne.",
        told="Bernd")
    c.talk(-98, "hanne", "Katrin",
        "Growth: a fifth line comes {month+60}. She wants it in from the first litre.")
    c.fact(-97, "hanne", "needs",
        "The fifth filling line planned before it is built, so that it never knows paper.", told="Katrin")
    c.thanks(-99, "hanne", ("Katrin", "Falk"),
        "Thanked both for the evening with the retailer's people, who asked us more than them.")
    c.feedback(-70, "hanne", "The checklist should speak Romanian; half the night shift reads it better",
        to="Katrin", shared=True
    ).decided(-52, "olivia", "planned",
        "Romanian comes with the release of {+45}; Katrin's people check the words."
    ).agreed(-47, "hanne", "Katrin", "Then I write the words down for you myself.")
    c.promise(-34, "olivia", "Plan of the fifth line in draft, from the builder's drawings", due=11,
        to="Katrin", shared=True)
    c.promise(-33, "olivia", "Romanian for the night shift", due=35, to="Katrin", shared=True, stretch=True)
    c.deal(-30, "olivia", "Fifth filling line", 22_400, closes=27, stage="Verbal yes", product="Rounds")
    c.visit(-16, "olivia", ("Katrin", "Falk"),
        "Walked the empty hall of the fifth line. Falk drew the stops himself with chalk on the floor.")
    c.fact(-4, "olivia", "story",
        "Katrin proved an audit with us while the paper was wet, against her production manager. He came "
        "round over a saved batch. Now the fifth line is to start without paper, and the order is a verbal "
        "yes from Bernd.")
    c.fact(-4, "olivia", "if-then",
        "If a retailer announces an audit, then stop every change of ours: it is Weisse Woche.")
    c.talk(-3, "olivia", "Katrin",
        "Told Katrin that I go and that Ines follows. She asked for one thing: no new face in an audit "
        "week. The next is around {+30}.")
    c.rate(-3, "steady", "olivia", "Content and paid; the fifth line is agreed by word.")


def osterby(story: Story) -> None:
    c = Customer(story, "Osterby Bakeries", "klaus", -372, industry="Food", region="North",
        segment="Mid-market", country="Sweden", employees=890, founded=1962,
        website="osterby-bakeries.example", time_zone="Europe/Stockholm")
    c.person(-372, "Linnea Åkesson", "champion", title="Technical manager",
        email="linnea@osterby-bakeries.example", strength=2,
        evidence="Speaks for us when asked; arranged the visit of her board.", say_name="lin-NAY-ah")
    c.person(-372, "Gunnar Ek", "economic_buyer", "decision_maker", title="Finance director")
    c.stage(-371, "evaluating", "klaus", "Eleven ovens, three bakeries, one fitter who knows them all.")
    c.talk(-366, "klaus", ("Linnea", "Gunnar"),
        "Gunnar wants to know what an hour of a cold oven costs. Nobody at Osterby knew.")
    c.stage(-329, "onboarding", "klaus",
        "Signed for three bakeries after Linnea's sum: 4,100 euros for each cold hour.")
    c.fact(-328, "klaus", "why-us",
        "We helped Linnea work out what a cold oven costs before we named a price.", told="Linnea")
    c.passes_to(-263, "olivia", "max", "Klaus retires; Olivia knows food makers in the north")
    c.talk(-255, "olivia", "Linnea",
        "First talk after Klaus. She had to explain the ovens again, and Klaus had promised her an oven "
        "diary that I found nowhere.")
    c.promise(-255, "olivia", "The oven diary that Klaus had promised you", due=-225, to="Linnea",
        shared=True
    ).moved(-228, -210, "olivia", "It was in nobody's plan. It is now, and this date is one I have checked."
    ).kept(-212, "olivia")
    c.stage(-170, "in_value", "olivia", "No cold oven for 60 days.")
    c.fact(-169, "olivia", "outcome", "Not one cold oven in the four weeks before Christmas.", told="Gunnar",
        shared=True)
    c.fact(-168, "olivia", "decision",
        "Gunnar decides by the sum of cold hours. Bring that number or do not come.", told="Linnea")
    c.stage(-110, "at_risk", "olivia",
        "Two ovens cold in one week, both planned by us for the same morning. Gunnar asked for the "
        "contract.")
    double = c.repair(-110, "olivia",
        "Two ovens of one bakery were planned for inspection on the same morning", to="Gunnar",
        holder="olivia", shared=True, urgency="emergency")
    c.executive(-105, "petra", "Gunnar",
        "Flew up. Said sorry in person, brought the list of what we change. He gave us until the holidays.")
    c.would_choose_again(-103, "petra", "no", "Today? No. Ask me when a Monday has gone by without you.", to="Gunnar"
    ).decided(-99, "petra", "yes",
        "I ring you myself, every Monday until the holidays, whether or not there is anything to say."
    ).agreed(-79, "petra", "Gunnar", "Seven Mondays. That will do.")
    c.would_choose_again(-50, "olivia", "unsure", "Almost. The renewal will tell.", to="Gunnar"
    ).decided(-46, "olivia", "planned", "The guarantee is to cover the shop ovens too; Petra decides by {month-20}."
    ).agreed(-43, "olivia", "Gunnar", "Then I wait for that.")
    double.answered(-98, "olivia",
        "Ovens of one bakery can no longer be planned together; Planner refuses it and names the other one."
    ).agreed(-80, "olivia", "Gunnar", "Seen it refuse me. Fine.")
    c.stage(-78, "in_value", "olivia", "Gunnar closed the matter and extended to the shop ovens.")
    c.fact(-77, "olivia", "terms",
        "Any month with a cold oven caused by our plan is free. Agreed by Petra in Gunnar's office.",
        told="Gunnar", shared=True)
    c.fact(-60, "olivia", "needs", "Shop ovens: 64 of them, small, all different, cleaned by sales staff.",
        told="Linnea")
    c.promise(-22, "olivia", "A round for shop ovens that takes sales staff four minutes", due=7,
        to="Linnea", shared=True)
    c.joins(-104, "sponsor", "petra", "olivia", "Gunnar has her number since that day")
    c.visit_due(-76, "petra", "Petra rings Gunnar: is it still good?", due=2, holder="petra", role="sponsor")
    c.task(-15, "olivia", "Check that the free month of {month-110} was really credited", due=-2
    ).handed(-13, "omar", "olivia", "Only operations can see the credit")
    c.deal(-14, "olivia", "Renewal for three bakeries", 58_000, closes=40, stage="Gunnar reads",
        kind="renewal")
    c.fact(-9, "olivia", "story",
        "Won by a sum that Linnea did; nearly lost when our plan cooled two ovens on one morning. Petra "
        "went herself, Gunnar stayed and took a guarantee. Renewal lies on his desk.")
    c.fact(-9, "olivia", "if-then",
        "If any oven goes cold, then ring Gunnar within the hour with the cause, even half a cause.")
    c.rate(-8, "urgent", "olivia",
        "The renewal of {+40} is open with a man who has once asked for the contract, and the credit is "
        "unchecked.")
    c.talk(-4, "olivia", ("Gunnar", "Linnea"),
        "Gunnar read the renewal and wants the guarantee to cover the shop ovens too. Did not say yes. "
        "Linnea thinks he will drop it if the free month was credited.")
    c.fact(-4, "olivia", "terms", "The guarantee has to cover the shop ovens too, or he does not sign.",
        told="Gunnar")


def piave(story: Story) -> None:
    c = Customer(story, "Piave Glass", "olivia", -310, industry="Ceramics and glass", region="South",
        segment="Mid-market", country="Italy", employees=430, founded=1938, website="piave-glass.example",
        time_zone="Europe/Rome")
    c.person(-310, "Marta Zanin", "champion", "decision_maker", title="Director of the works",
        email="zanin@piave-glass.example", strength=2,
        evidence="Asked us to present at her furnace makers' circle.", say_name="dza-NEEN")
    c.person(-309, "Aldo Furlan", "user", title="Furnace master")
    c.stage(-309, "learning", "olivia", "Marta heard Olivia speak in Hamburg and wrote in German.")
    c.talk(-306, "olivia", "Marta",
        "The furnace never goes out: fourteen years now. Everything is planned around a fire that may not "
        "die.")
    c.stage(-276, "evaluating", "olivia", "One furnace, from one relining to the next.")
    c.visit(-268, "olivia", ("Marta", "Aldo"),
        "Aldo hears a burner that goes wrong before any sensor does. We keep what he hears as a reading.")
    c.fact(-267, "olivia", "why-us", "We wrote down what Aldo hears instead of measuring it away.",
        told="Marta", shared=True)
    c.stage(-236, "onboarding", "olivia", "Signed by Marta in person, with the furnace in the background.")
    c.stage(-150, "in_value", "olivia", "Burner change planned eleven days ahead for the first time.")
    c.fact(-149, "olivia", "outcome",
        "The furnace lives to its next relining in two years without a night call.", told="Marta")
    c.fact(-148, "olivia", "words", "They say “la vecchia” for the furnace, and mean it kindly.",
        told="Aldo")
    c.executive(-118, "sofia", "Marta",
        "Met Marta at the glass fair. She praised Olivia and asked, half joking, when we learn Italian.")
    c.talk(-85, "olivia", "Marta",
        "Second plant bought in Murano. She would like somebody who speaks Italian to look at it with her.")
    c.fact(-84, "olivia", "needs",
        "A first plan for the Murano plant, in Italian, with people who know no plan at all.", told="Marta")
    c.promise(-28, "olivia", "Somebody of us walks through Murano with Marta, in Italian", due=8, to="Marta",
        shared=True)
    c.promise(-27, "olivia", "Planner speaks Italian in every screen the furnace crew sees", due=-3,
        to="Aldo", shared=True)
    c.deal(-26, "olivia", "Murano plant", 39_000, closes=55, stage="First look", product="Planner")
    c.mail(-12, "paolo", "Marta",
        "Wrote to say that I live an hour away and would gladly see la vecchia. She answered within ten "
        "minutes.")
    c.fact(-7, "olivia", "story",
        "A furnace that has burnt for fourteen years, a master who hears it, and a director who came to us "
        "because we listen. Murano is new, untidy and in Italian: it wants somebody near.")
    c.fact(-7, "olivia", "if-then",
        "If the furnace's crown reports heat, then Aldo decides and nobody else, however the plan reads.")
    c.rate(-6, "watch", "olivia",
        "Nothing wrong, but Murano is starting just as they change hands across regions.")


def sundfjord(story: Story) -> None:
    """The one that is in Olivia's head: four ships, and five lines about them."""
    c = Customer(story, "Sundfjord Ferries", "olivia", -236, industry="Transport", region="North",
        segment="Mid-market", country="Norway", employees=260, founded=1958,
        website="sundfjord-ferries.example", time_zone="Europe/Oslo")
    c.person(-236, "Mette Holm", "user", title="Fleet manager", email="mette.holm@sundfjord-ferries.example")
    c.person(-236, "Arne Vik", title="Chief engineer, MS Sundbåt")
    c.stage(-235, "evaluating", "olivia", "Four ships, class inspection every spring.")
    c.talk(-230, "olivia", "Mette", "Nice talk. Knows what she wants.")
    c.stage(-180, "onboarding", "olivia", "Signed for four ships.")
    c.talk(-150, "olivia", ("Mette", "Arne"),
        "Went aboard in the dock. Works without network in the engine room. Details in my notebook.")
    c.signs_in(-120, "Mette")
    c.promise(-100, "olivia", "Class inspection papers straight out of Rounds, for all four ships", due=-70,
        to="Mette", shared=True).moved(-74, -20, "olivia", "The classification society changed its form."
    ).moved(-22, 3, "olivia", "Three of four forms are done; MS Sundbåt's is a special case.")
    asked = c.question(-46, "Mette",
        "Who of you do we call when a ship lies at the quay on a Sunday and the phone shows nothing?",
        to="Mette", shared=True, urgency="soon")
    asked.answered(-40, "olivia", "Please write to support, they read it every working day.")
    asked.reopened(-36, "Mette", "A ship on a Sunday is not a working day. I asked whom we call.")
    asked.answered(-30, "olivia",
        "I am looking for a number for the weekends and will write as soon as I have it.")
    asked.reopened(-14, "Mette", "That was two weeks ago. We had a Sunday in between.")
    c.promise(-21, "olivia", "Crew training on MS Sundbåt", due=-4, to="Arne")
