"""Gregor's book, as he left it from one day to the next: much in his head, some of it late."""

from __future__ import annotations

from config.demo.story.customer import Customer
from config.demo.story.telling import Story

# fmt: off


def tell(story: Story) -> None:
    brannock(story)
    kranich(story)
    tidemark(story)
    feldmann(story)


def brannock(story: Story) -> None:
    c = Customer(story, "St Brannock's Hospital", "gregor", -358, industry="Hospitals", region="North",
        segment="Enterprise", country="Ireland", employees=2_900, founded=1831,
        website="stbrannocks.example", time_zone="Europe/Dublin")
    c.person(-358, "Dr Amira Saleh", "champion", title="Director of medical devices",
        email="amira.saleh@stbrannocks.example", strength=2,
        evidence="Won the trial's money from three departments.",
        cost="Two of the three heads have not forgiven her.")
    c.person(-357, "Declan Moore", "economic_buyer", title="Finance")
    c.stage(-357, "evaluating", "gregor", "Three departments share a trial.")
    c.talk(-350, "gregor", "Amira",
        "Device pool across departments, nobody knows where the ventilators are. She wants them found and "
        "inspected.")
    c.stage(-299, "deciding", "gregor", "Trial over, 93 % found.")
    c.stage(-270, "onboarding", "gregor", "Signed; all wards by and by.")
    c.joins(-268, "support", "jonas", "gregor", "Tags 1,900 devices")
    c.joins(-266, "success", "hanne", "gregor", "Onboarding begins")
    c.signs_in(-200, "Amira")
    c.visit(-190, "hanne", ("Amira", "Declan"),
        "Wards one to nine are in. Declan asks what the tags cost when they are lost: 2 euros each, and "
        "they lose ten a week.")
    c.stage(-120, "in_value", "hanne", "Any ventilator found within five minutes.")
    c.fact(-119, "hanne", "outcome", "Any device found in five minutes and never used past its inspection.",
        told="Amira", shared=True)
    c.question(-112, "Amira", "Can a ward see its own devices without seeing everybody's?", to="Amira",
        shared=True
    ).answered(-105, "jonas", "Yes, a ward's sign-in shows the ward. I set up ward four for you to try."
    ).agreed(-101, "Amira", "Amira", "Ward four is delighted")
    c.talk(-82, "gregor", "Amira",
        "Talked about the new children's wing. Made her an offer on the phone, she liked it.")
    c.fact(-75, "jonas", "needs", "Tags that stand the washing machine for bed frames.", told="Amira")
    c.question(-16, "Amira", "What did the offer for the children's wing come to, in writing?", to="Amira",
        shared=True, urgency="soon")
    c.promise(-30, "gregor", "Three hundred washable tags to try in the bed washer", due=-6, to="Amira",
        shared=True)
    c.deal(-81, "gregor", "Children's wing", 64_000, closes=20, stage="Offer by phone")
    c.mail(-3, "max", "Amira",
        "Told her myself that Gregor has left, that I answer until somebody has read everything, and that "
        "she need not tell it all again. She wrote back: “Please find out what he offered us.”", shared=True)
    c.talk(-2, "jonas", "Amira",
        "Asked nothing, told her what I know: tags are in the warehouse, they go out tomorrow. She says "
        "Gregor named 58,000 for the wing.")
    c.fact(-2, "jonas", "terms",
        "For the children's wing Gregor named 58,000 euros on the phone, says Dr Saleh. We have nothing in "
        "writing.", told="Amira")
    c.fact(-2, "max", "story",
        "Put together from the thread: a trial shared by three departments, won by Dr Saleh at a cost; "
        "1,900 devices tagged; ventilators found in minutes. An offer for the children's wing was made by "
        "phone and never written.")
    c.fact(-2, "max", "if-then",
        "If Dr Saleh is asked for anything she has already told Gregor, then we have lost her: look here "
        "first, then ask Jonas and Hanne.")
    c.rate(-2, "urgent", "max",
        "Tags are late, an offer was made by phone, and her contact person went overnight.")


def kranich(story: Story) -> None:
    c = Customer(story, "Kranich Logistics", "gregor", -290, industry="Transport", region="North",
        segment="Mid-market", country="Germany", employees=610, founded=1969,
        website="kranich-logistics.example", time_zone="Europe/Berlin")
    c.person(-290, "Holger Petersen", "decision_maker", title="Head of fleet",
        email="petersen@kranich-logistics.example")
    c.person(-200, "Svenja Thies", "user", title="Workshop planner")
    c.stage(-289, "learning", "gregor",
        "Trailers fail their yearly inspection because nobody knows where they are.")
    c.talk(-280, "gregor", "Holger", "340 trailers, four workshops. Wants a pilot.")
    c.stage(-220, "evaluating", "gregor", "Pilot with 60 trailers.")
    c.stage(-160, "onboarding", "gregor", "Signed for 340 trailers.")
    c.talk(-95, "gregor", "Holger", "Happy. Talked prices for next year.")
    c.promise(-60, "gregor", "Link to the testing station's dates", due=-15, to="Svenja", shared=True)
    broken = c.repair(-41, "gregor",
        "Eleven trailers were on the road past their inspection because a date was read as month and day",
        to="Holger", shared=True, urgency="emergency")
    broken.answered(-33, "gregor", "The import reads dates the right way round now.")
    broken.reopened(-19, "gregor",
        "Holger on the phone: two of the eleven are still wrong, and who pays the fine?")
    c.deal(-62, "gregor", "Renewal", 27_800, closes=12, stage="?", kind="renewal")
    c.note(-3, "max",
        "Read everything we have: eleven lines for a year. Holger's mobile rings and nobody answers. "
        "Svenja may know more.")
    c.task(-3, "max", "Ask Jonas which two trailers still have the wrong date", due=2)


def tidemark(story: Story) -> None:
    c = Customer(story, "Tidemark Harbour", "gregor", -330, industry="Transport", region="North",
        segment="Enterprise", country="Ireland", employees=1150, founded=1902,
        website="tidemark-harbour.example", time_zone="Europe/Dublin")
    c.person(-330, "Niamh Carroll", "champion", "decision_maker", title="Head of quays and cranes",
        email="niamh@tidemark-harbour.example", strength=2,
        evidence="Took the crane drivers' union to see our pilot.", say_name="Neev")
    c.person(-329, "Brian Tully", "technical_evaluator", title="Crane engineer")
    c.stage(-329, "evaluating", "gregor", "Nine cranes, salt in everything.")
    c.talk(-322, "gregor", ("Niamh", "Brian"),
        "A crane that stands costs 900 euros an hour and a ship's temper.")
    c.stage(-270, "onboarding", "gregor", "Signed for nine cranes.")
    c.joins(-265, "success", "hanne", "gregor", "Onboarding begins")
    c.visit(-240, "hanne", ("Niamh", "Brian"),
        "In the rain on crane 4. Brian does rounds with one hand; the other holds on. Buttons must be big "
        "and at the bottom.")
    c.fact(-239, "hanne", "why-us", "Hanne climbed crane 4 with Brian and changed the screen because of it.",
        told="Niamh", shared=True)
    c.stage(-175, "in_value", "hanne", "Ninety days without an unplanned stop on any crane.")
    c.fact(-174, "hanne", "outcome", "No ship waits for a crane.", told="Niamh", shared=True)
    c.fact(-110, "hanne", "decision",
        "Niamh decides; the harbour board hears of it afterwards. Brian's nod is worth more than any paper.",
        told="Niamh")
    c.visit_due(-100, "hanne", "Half-yearly round on the cranes with Brian", due=-8, holder="hanne",
        role="success").kept(-9, "hanne")
    c.visit(-9, "hanne", "Brian",
        "Crane 7's brake readings creep up. Brian knows; he waits for the part that Gregor wanted to hurry "
        "along.")
    c.promise(-38, "gregor", "We speak with the brake maker so that crane 7's part comes before the gales",
        due=5, to="Brian", shared=True)
    c.fact(-3, "hanne", "needs", "Crane 7's brake before the gales, and wind speeds beside the rounds.",
        told="Brian")
    c.fact(-3, "hanne", "terms",
        "Support on public holidays is included: Gregor agreed to it by mail, Niamh sent me the mail.",
        told="Niamh", shared=True)
    c.fact(-3, "hanne", "story",
        "Nine cranes in the salt. I climbed one and they signed. Since then no unplanned stop. Gregor was "
        "liked and rarely wrote; Niamh has sent me what he had promised.")
    c.fact(-3, "hanne", "if-then",
        "If a gale is forecast and crane 7 still has the old brake, then ring Brian the evening before; he "
        "will stop it himself.")
    c.rate(-3, "watch", "hanne", "Crane 7's brake, and a harbour that liked Gregor.")


def feldmann(story: Story) -> None:
    c = Customer(story, "Feldmann Print", "gregor", -300, industry="Machinery", region="North",
        segment="Small", country="Germany", employees=95, founded=1947, website="feldmann-print.example",
        time_zone="Europe/Berlin")
    c.person(-300, "Anke Feldmann", "champion", "decision_maker", title="Owner",
        email="anke@feldmann-print.example", strength=2,
        evidence="Shows the press plan to every customer who visits.")
    c.stage(-299, "evaluating", "gregor", "Two presses, one fitter, no plan.")
    c.stage(-250, "in_value", "gregor", "The fitter took his first holiday in four years.")
    c.talk(-249, "leon", "Anke",
        "Met her with Gregor on my first week. She explained what a press's bearing sounds like.")
    c.fact(-248, "gregor", "outcome", "The fitter may be ill.", told="Anke")
    c.talk(-51, "gregor", "Anke", "Renewal is clear, same price.")
    c.deal(-50, "gregor", "Renewal for three years", 14_400, closes=1, stage="To sign", kind="renewal")
    c.fact(-49, "gregor", "terms", "Same price for three years.", told="Anke", shared=True)
    c.promise(-50, "gregor", "The renewal's papers lie with you a day before you sign", due=1, to="Anke",
        shared=True)
