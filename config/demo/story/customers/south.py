"""What Paolo and Elena serve in the south, under Sofia."""

from __future__ import annotations

from config.demo.story.customer import Customer
from config.demo.story.telling import Story

# fmt: off


def tell(story: Story) -> None:
    valdarno(story)
    dolomiti(story)
    tauern(story)
    graz(story)


def valdarno(story: Story) -> None:
    c = Customer(story, "Officine Valdarno", "paolo", -368, industry="Machinery", region="South",
        segment="Enterprise", country="Italy", employees=2_300, founded=1948,
        website="officine-valdarno.example", time_zone="Europe/Rome")
    c.person(-368, "Giulia Conti", "champion", title="Head of maintenance",
        email="conti@officine-valdarno.example", strength=3,
        evidence="Defends our yearly fee in the budget meeting before we know there is one.",
        cost="Was passed over for the plant's direction after she stopped a line on our warning. It was "
             "right.")
    c.person(-367, "Stefano Neri", "economic_buyer", "decision_maker", title="Finance director")
    c.person(-366, "Lucia Bassi", "technical_evaluator", title="Automation")
    c.stage(-367, "evaluating", "paolo", "Three halls, presses from 1971 beside robots from last year.")
    c.talk(-361, "paolo", ("Giulia", "Lucia"),
        "Old presses by ear, robots by network: two worlds, one week plan. That is what they want.")
    c.stage(-320, "deciding", "paolo", "Hall 1 planned in one plan for six weeks.")
    c.stage(-302, "onboarding", "paolo", "Stefano signed after hall 1 saved a weekend.")
    c.fact(-301, "paolo", "why-us", "One plan for old and new machines; the others wanted two.",
        told="Giulia", shared=True)
    c.joins(-300, "support", "jonas", "paolo", "Connects the robots")
    c.signs_in(-295, "Giulia")
    c.stage(-240, "in_value", "paolo", "Giulia stopped press 4 on our warning; the crack was there.")
    c.win(-239, "paolo", "Giulia", "Press 4 was stopped in time: the crack was there, and nobody was hurt.",
        shared=True)
    c.win(-16, "paolo", ("Giulia", "Stefano"), "The first page with one number: two surprises in a month, after "
        "eleven a year ago.", shared=True)
    c.context(-43, "paolo", "Stefano", "His first budget under the new group: every wish is read twice", until=75)
    c.meeting(-2, "paolo", "Look at the one number together", on=2, hour=15, to="Stefano")
    c.fact(-239, "paolo", "outcome", "No press stops by surprise in any of the three halls.", told="Giulia",
        shared=True)
    c.fact(-238, "paolo", "story",
        "Old presses and new robots in one plan. Giulia stopped a press on our warning, was right, and "
        "paid for it in her career.")
    c.fact(-237, "paolo", "if-then",
        "If a warning comes in the last week of a quarter, then ring Giulia before it shows: stopping a "
        "line then costs her.")
    c.talk(-237, "paolo", "Giulia",
        "Told her that I shall be with my daughter for three weeks when she is born, and that Elena comes "
        "for me.")
    c.rate(-236, "steady", "paolo", "In value; Giulia strong, nothing late.")
    c.visit(-172, "paolo", "Giulia",
        "Back from leave. Giulia says she did not notice, which is the nicest thing she could say. Elena "
        "had read everything.")
    c.thanks(-171, "paolo", "Giulia", "Grazie for the kindness to Elena.", shared=True)
    c.question(-90, "Giulia", "Can the plan leave out the feast of the patron saint?", to="Giulia",
        shared=True
    ).answered(-88, "paolo",
        "Yes, as of today: your own holidays are in the settings, Lucia may change them."
    ).agreed(-86, "Giulia", "Giulia", "Perfetto")
    c.visit(-45, "paolo", ("Giulia", "Stefano"),
        "Stefano asks for one number a month. Giulia asks for none. We agreed on a page with one.")
    c.promise(-44, "paolo", "One page a month with one number: surprises", due=-14, to="Stefano",
        shared=True).kept(-16, "paolo")
    c.promise(-15, "paolo", "Hall 3's robots in the plan", due=14, to="Giulia", shared=True)
    c.fact(-43, "paolo", "budget", "Calendar year; Stefano wants every wish on one sheet by {month+75}.",
        told="Stefano")
    c.fact(-42, "paolo", "needs", "Hall 3 with the new robots.", told="Giulia")
    c.reported(-4, "leon",
        "Our accounts office reminded Stefano of an invoice that he had paid three weeks before",
        severity="hinders", to="Stefano")
    c.asked(-20, "paolo", "reference", "May a press maker from Brescia ring you about the robots?", to="Giulia")
    c.mail(-1, "jonas", "Lucia",
        "Robots 1 to 6 of hall 3 report. 7 keeps silent; Lucia looks at its cable tonight.", shared=True)
    c.deal(-40, "paolo", "Hall 3", 52_000, closes=75, stage="On Stefano's sheet", product="Planner")


def dolomiti(story: Story) -> None:
    c = Customer(story, "Dolomiti Sanatorium", "paolo", -333, industry="Hospitals", region="South",
        segment="Mid-market", country="Italy", employees=450, founded=1908,
        website="dolomiti-sanatorium.example", time_zone="Europe/Rome")
    c.person(-333, "Irma Kostner", "champion", "decision_maker", title="Director",
        email="kostner@dolomiti-sanatorium.example", strength=2, evidence="Answers within the hour, always.")
    c.stage(-332, "evaluating", "paolo",
        "Snowed in twelve days a year: nothing may fail that cannot be mended in house.")
    c.stage(-262, "onboarding", "paolo", "Signed before the first snow.")
    c.stage(-250, "in_value", "paolo", "The winter list: what must be in the house before the road closes.")
    c.fact(-249, "paolo", "outcome", "Nothing fails while the road is closed.", told="Irma", shared=True)
    c.fact(-248, "paolo", "story",
        "A house that is cut off twelve days a year. The winter list is ours; Irma lives by it.")
    c.mail(-237, "paolo", "Irma",
        "Wrote about my leave and about Elena. Irma sent a bobble hat for the child.")
    c.rate(-236, "steady", "paolo", "In value; Irma answers within the hour.")
    c.reported(-151, "paolo",
        "We take no direct debit from an Italian bank, and the house pays nothing in any other way",
        severity="hinders", obstacle="payment", to="Irma"
    ).made_good(-120, "omar", "We take it from the first of the month on."
    ).agreed(-118, "paolo", "Irma", "Went through.")
    c.talk(-110, "paolo", "Irma", "She wants the list for the kitchen as well.")
    kitchen = c.deal(-112, "paolo", "The kitchen's winter list", 9_800, closes=-18, stage="Irma counts",
        product="Planner")
    c.promise(-70, "paolo", "The kitchen's list is in the house before the first snow", due=18, to="Irma",
        shared=True)
    c.promise(-41, "paolo", "We try to have the laundry on the list as well", due=45, to="Irma", stretch=True)
    c.visit(-19, "paolo", "Irma",
        "Walked kitchen and cellar with Irma. She signs, and asks who will come when the snow does: not for a "
        "sale, for the list.")
    c.closes(-18, kitchen, "won", "paolo")
    c.fact(-17, "paolo", "decision", "Irma alone, at once. The cook is asked and has never said no.", told="Irma")
    c.fact(-17, "paolo", "terms",
        "One price for the whole house however many rooms; paid by direct debit on the first of the month.",
        told="Irma", shared=True)
    c.fact(-17, "paolo", "why-us", "We asked what must be in the house when the road closes, and wrote it down.",
        told="Irma")
    c.fact(-17, "paolo", "if-then",
        "If snow comes before the list is in the house, then drive up with it and stay until the road opens.")
    c.promise(-109, "paolo", "The list of what the kitchen needs, on paper", due=-80, to="Irma", shared=True
    ).kept(-82, "paolo")
    c.feedback(-30, "paolo", "Warn us when the road report says snow", to="Irma", shared=True
    ).decided(-8, "paolo", "planned",
        "We try a road report for one winter with your house; Jonas asks the province.")


def tauern(story: Story) -> None:
    c = Customer(story, "Tauern Cableways", "elena", -319, industry="Transport", region="South",
        segment="Mid-market", country="Austria", employees=330, founded=1965,
        website="tauern-cableways.example", time_zone="Europe/Vienna")
    c.person(-319, "Josef Lechner", "champion", title="Operations manager",
        email="lechner@tauern-cableways.example", strength=2,
        evidence="Told the authority's inspector to look at our rounds instead of his folder.")
    c.person(-318, "Verena Pichler", "economic_buyer", "decision_maker", title="Managing director")
    c.stage(-318, "evaluating", "elena", "Rope inspections by law, by hand, by night.")
    c.visit(-290, "elena", ("Josef", "Verena"),
        "On the mast at minus nine. Gloves on, or nothing is kept at all.")
    c.stage(-255, "onboarding", "elena", "Signed for the two main ropes.")
    c.stage(-150, "in_value", "elena", "The inspector came, looked, and left before lunch.")
    c.fact(-149, "elena", "outcome", "The season opens on its day, with the inspector content.",
        told="Verena", shared=True)
    c.fact(-148, "elena", "decision",
        "Verena, in the weeks without guests. Never ask for anything in the season.", told="Josef")
    c.promise(-101, "elena", "The screens in Slovene for the seasonal crew", due=-60, to="Josef",
        shared=True).agreed(-77, "elena", "Josef", "Leave it. This year they are all from Carinthia.")
    c.visit(-57, "elena", ("Josef", "Verena"),
        "Quiet weeks, sun on the mast. Verena has counted: 61 hours saved in the season, and she wants a "
        "third rope.")
    c.reported(-45, "elena",
        "Our terms ask for payment in thirty days; the cableway earns nothing between the seasons",
        severity="hinders", obstacle="term", to="Verena")
    c.promise(-32, "elena", "Rope readings of all eleven masts on one sheet for the inspector", due=9,
        to="Josef", shared=True)
    c.deal(-31, "elena", "Third rope", 18_900, closes=66, stage="Asked for", product="Rounds")
    c.meeting(-6, "elena", "Mast seven with Josef, before I am away", on=4, hour=8, to="Josef")
    c.talk(-6, "elena", "Josef",
        "Told Josef that I shall be away for three weeks. He asks only that the sheet for the inspector is "
        "there before.")


def graz(story: Story) -> None:
    c = Customer(story, "Graz Creamery", "elena", -280, industry="Food", region="South", segment="Small",
        country="Austria", employees=120, founded=1979, website="graz-creamery.example",
        time_zone="Europe/Vienna")
    c.person(-280, "Roswitha Eder", "decision_maker", "user", title="Managing director",
        email="eder@graz-creamery.example")
    c.stage(-279, "evaluating", "elena", "Cooling failed on a holiday; 9,000 litres poured away.")
    c.stage(-230, "onboarding", "elena", "Signed for cooling and filling.")
    c.stage(-165, "in_value", "elena", "A cooling alarm at night, mended before the milk was warm.")
    c.fact(-164, "elena", "outcome", "Never again pour milk away.", told="Roswitha", shared=True)
    c.talk(-140, "elena", "Roswitha",
        "She rang at seven in the morning to say that nothing had happened. I like her.")
    c.talk(-75, "elena", "Roswitha", "Content, and hard to reach.")
    c.reported(-73, "elena",
        "Our order form wants a signature on paper; Roswitha signs everything else on her phone",
        severity="nuisance", obstacle="form", to="Roswitha")
    c.promise(-74, "elena", "A list of whom the alarm rings, in which order", due=-40, to="Roswitha",
        shared=True)
