"""Olivia's book, first half: Nordwald Clinics, Lüneburg Waterworks and Varde Pumps."""

from __future__ import annotations

from config.demo.story.customer import Customer
from config.demo.story.telling import Story

# fmt: off


def tell(story: Story) -> None:
    nordwald(story)
    kiel(story)
    nordwald_now(story)
    lueneburg(story)
    varde(story)


def nordwald(story: Story) -> None:
    """The year in which Carla carried us through. Her dealings of the last months follow below."""
    c = Customer(story, "Nordwald Clinics", "klaus", -381, industry="Hospitals", region="North",
        segment="Enterprise", country="Germany", employees=4_200, founded=1974,
        website="nordwald-clinics.example", time_zone="Europe/Berlin")
    c.served_before("klaus", -760, -382, "Knew them from trade fairs, before anything was kept")
    c.web(-381,
        "Two people at Nordwald read our page on device inspections and took the checklist for infusion "
        "pumps. One left an address and agreed to be written to.")
    c.stage(-380, "learning", "klaus", "Downloaded the checklist; no talk yet.")
    c.person(-376, "Carla Diaz", "champion", title="Head of clinical engineering",
        email="carla.diaz@nordwald-clinics.example", say_name="DEE-ahss, stress on the first",
        phone="+49 40 5550 711", name_locked=True, strength=3,
        evidence="Presented our pilot to the board herself, and wrote the business case at home over two "
                 "weekends.",
        cost="Overruled her own IT security in front of the board, and gave up her new ultrasound fleet so "
             "that the money was there. If we fail, it is her failure.")
    c.person(-371, "Uwe Brandis", "decision_maker", title="Technical director until {-152}")
    c.person(-371, "Timo Sander", "technical_evaluator", "blocker", title="IT security")
    c.person(-340, "Beate Krull", "economic_buyer", title="Finance director",
        email="b.krull@nordwald-clinics.example")
    c.talk(-376, "klaus", "Carla",
        "First call. Five clinics, 11,000 devices, inspections kept in four spreadsheets and one head. An "
        "inspector found 212 overdue pumps last year. She wants never to stand there again.")
    c.visit(-352, "klaus", ("Carla", "Uwe"),
        "Walked the Hamburg workshop with both. Uwe counts hours, Carla counts overdue devices. The night "
        "shift writes on paper because the phones lose the network in the cellar.")
    c.stage(-351, "evaluating", "klaus", "Pilot agreed on 600 infusion pumps in two clinics.")
    c.fact(-351, "klaus", "why-us",
        "We were the only ones who came down into the cellar. The others showed slides.", told="Carla",
        shared=True)
    c.joins(-340, "support", "jonas", "klaus", "Sets up the pilot")
    c.talk(-331, "jonas", ("Carla", "Timo"),
        "Pilot runs offline in the cellar. Timo asks where the data sleep; told him Frankfurt, two sites, "
        "and that he may see the contract of the data centre.")
    c.promise(-331, "jonas", "You get the data centre's contract and its last audit report", due=-320,
        to="Timo", holder="jonas", role="support").kept(-322, "jonas")
    c.stage(-310, "deciding", "klaus", "Pilot: overdue pumps from 74 to 3. Carla takes it to the board.")
    c.stage(-296, "evaluating", "klaus",
        "Back a step: Timo stopped it over sign-in. No single sign-on, no board.")
    single = c.promise(-295, "klaus",
        "Single sign-on with your directory, so that nobody gets another password", due=-262, to="Timo",
        shared=True)
    single.moved(-268, -240, "klaus",
        "The directory's test system was down for three weeks on your side and ours could not be checked "
        "against it.")
    c.would_choose_again(-272, "klaus", "yes", "So far, yes. Ask me again after the board.", to="Carla")
    c.passes_to(-262, "olivia", "max", "Klaus retires; Olivia has run the two largest clinics in the north")
    c.talk(-259, "olivia", "Carla",
        "Took over from Klaus. Carla told me the pilot's whole story again, forty minutes. She was kind "
        "about it: “Next time, please just read it.” Wrote everything down tonight.")
    single.kept(-243, "olivia")
    c.stage(-238, "deciding", "olivia", "Sign-on works; Timo withdrew his no in writing. Board date {-224}.")
    c.executive(-230, "ruth", ("Beate", "Uwe"),
        "Lunch in Hamburg. Beate's worry is not the price but whether we are still here in five years. "
        "Showed her our accounts. She asked who answers when it breaks at night.")
    c.joins(-229, "sponsor", "ruth", "olivia", "Beate wants a name above the account's")
    c.joins(-221, "success", "hanne", "olivia", "Onboarding begins")
    c.stage(-222, "onboarding", "olivia",
        "Signed for all five clinics, three years. Carla spoke for eleven minutes and got it.")
    won = c.deal(-300, "klaus", "Rounds for five clinics", 184_000, closes=-224, stage="Board",
        product="Rounds")
    c.closes(-222, won, "won", "olivia")
    c.thanks(-221, "olivia", "Carla",
        "Wrote Carla a letter by hand. She put her name to this when it was cheaper not to.")


def kiel(story: Story) -> None:
    """One clinic of Nordwald's was a customer by itself, until somebody noticed."""
    c = Customer(story, "Kiel Harbour Clinic", "klaus", -377, industry="Hospitals", region="North",
        segment="Small", country="Germany", employees=380, time_zone="Europe/Berlin")
    c.person(-377, "Anja Brodersen", "user", title="Workshop, Kiel")
    c.talk(-368, "klaus", "Anja", "Wants what Hamburg talks about. Says Carla is her boss's boss.")
    c.passes_to(-262, "olivia", "max", "Klaus retires")
    c.visit(-233, "olivia", "Anja",
        "Kiel belongs to Nordwald since last year and inspects by the same rules. One customer, then.")
    c.turns_out_to_be(-219, story.customers["Nordwald Clinics"], "omar",
        "Kiel is one of Nordwald's five clinics")


def nordwald_now(story: Story) -> None:
    c = story.customers["Nordwald Clinics"]
    c.fact(-220, "olivia", "terms",
        "Price is fixed for three years whatever the number of devices. Not in the standard contract: "
        "appendix 4, agreed with Beate.", told="Beate", shared=True)
    before = c.fact(-218, "olivia", "story",
        "Carla carried a pilot through her own board against her IT, and lost her ultrasound fleet over it. Five "
        "clinics start now. She told me all of it twice; it stands here so that nobody asks a third time.")
    c.would_choose_again(-168, "Carla", "unsure",
        "Ask me again when I have not had to tell our story from its beginning for half a year.", to="Carla"
    ).decided(-165, "olivia", "yes",
        "You will not have to. What you told Klaus and me is written down, you see it on your page, and whoever "
        "comes after me reads it back before they ring you."
    ).agreed(-163, "Carla", "Carla", "I shall take you at your word.")
    c.visit(-205, "hanne", "Carla",
        "Trained 34 technicians in two days. They call an inspection a “round” and a device a “bed "
        "neighbour”. We should too.")
    c.fact(-205, "hanne", "words",
        "A “round” is an inspection tour; “bed neighbours” are the devices of one patient.", told="Carla",
        shared=True)
    budget = c.fact(-200, "olivia", "budget",
        "Fiscal year is the calendar year; money is asked for in June.", guessed=True)
    c.talk(-152, "olivia", "Carla",
        "Uwe has left for Bremen. His post stays empty; Carla reports to the medical director, Dr Ahlers, "
        "who signs nothing he has not understood.")
    c.leaves(-152, "Uwe")
    c.person(-151, "Dr Jens Ahlers", "decision_maker", title="Medical director",
        email="ahlers@nordwald-clinics.example")
    c.fact(-150, "olivia", "decision",
        "Carla proposes, Dr Ahlers decides alone up to 50,000 euros, above it the board on the second "
        "Tuesday of the month. Beate must have seen the numbers a week before.", told="Carla")
    c.fact(-148, "olivia", "budget",
        "Fiscal year ends in September. Money is asked for by the end of May, and what is not asked for "
        "then does not exist.", told="Beate", replaces=budget)
    c.stage(-131, "in_value", "hanne",
        "First inspection by the authority with our proofs: no finding. Carla framed the letter.")
    c.win(-131, "hanne", ("Carla", "Uwe"),
        "First inspection by the authority in all five clinics: no finding. The year before there had been 212 "
        "overdue pumps.", shared=True)
    c.win(-93, "hanne", "Carla", "Every fourth night round is done with one hand now: 40 % of all rounds are night "
        "rounds, and none came late.", shared=True)
    c.thanks(-130, "hanne", "Carla", "Cake for the workshop in Hamburg: zero findings.", shared=True)
    c.mail(-94, "olivia", ("Carla", "Jens"),
        "Half a year in all five clinics: 3,412 rounds, 40 % of them at night, and no device used past its "
        "date.", shared=True)
    c.feedback(-120, "olivia",
        "Let a technician take a device over from a sick colleague without asking the office", to="Carla",
        shared=True
    ).decided(-104, "olivia", "yes",
        "It is the same for every clinic with shifts. It came with the release of {-70}."
    ).agreed(-66, "olivia", "Carla", "Works. The night shift sends greetings.")
    c.feedback(-96, "hanne", "Print the round as a table on A3 for the wall", to="Carla", shared=True
    ).decided(-80, "olivia", "no",
        "A printed plan is out of date by noon and people inspect by the paper. A screen for the wall does "
        "the same and stays true; Jonas will set one up if you like."
    ).agreed(-78, "Carla", "Carla", "A screen, then. Fair.")
    workshop = c.visited_every(-179, "success", 120, "hanne")
    c.visit_held(-59, workshop, "hanne")
    c.visit(-59, "hanne", ("Carla", "Jens"),
        "Dr Ahlers came for ten minutes and stayed for fifty. He had not known that 40 % of rounds are "
        "done at night. Asked whether the same could hold for the kitchen's machines.")
    c.talk(-58, "olivia", "Timo",
        "Ran into Timo at the lift. He says quietly that our log files are the best he gets from anybody.")
    c.note(-55, "olivia",
        "Carla is moving house; she answers late and is sorry for it. No pressure on dates before "
        "{month-20}.", "Carla")
    c.executive(-176, "ruth", "Beate",
        "Half an hour with Beate, not about money. Learned that the group may merge its two finance offices; "
        "she would like to hear how other hospitals did it.")
    c.visited_every(-176, "sponsor", 182, "ruth")
    c.asked(-104, "olivia", "feedback", "What is in the way of your technicians, after half a year?", to="Carla")
    c.asked(-62, "olivia", "reference",
        "Would you show your workshop to the hospital in Bremen, one afternoon?", to="Carla")
    c.asked(-33, "hanne", "answers", "Which of your lifts may stand for an inspection by day?", to="Jens")
    c.fact(-32, "hanne", "decision",
        "Nothing above 30,000 euros without Beate's signature, whoever proposes it.", told="Beate")
    c.task(-43, "olivia", "Give Beate's office the list of all five cost centres", due=-36
    ).kept(-37, "olivia")
    c.task(-30, "olivia", "Ask Jonas for a screen for the workshop's wall", due=8, holder="jonas",
        role="support")
    c.feedback(-44, "Carla",
        "Your invoices name the group, ours must name the clinic. Every month I explain it to our finance "
        "people.", to="Carla", shared=True
    ).decided(-38, "omar", "yes",
        "You are right. From {-30} on each clinic gets its own, with its cost centre."
    ).agreed(-25, "Carla", "Carla", "First month without a call from finance")
    c.fact(-57, "olivia", "needs",
        "A second module for building services (lifts, emergency power, kitchens), decided this budget "
        "year or not at all.", told="Jens")
    c.deal(-50, "olivia", "Building services for five clinics", 86_000, closes=34, stage="Offer with Beate",
        product="Planner")
    c.person(-49, "Renate Pohl", "procurement", title="Purchasing")
    c.fact(-48, "olivia", "procurement",
        "Every order needs a form 7b from Renate, on paper, with the cost centre of the clinic and not of "
        "the group. Without it the invoice comes back after six weeks.", told="Renate")
    c.signs_in(-215, "Carla")
    c.question(-31, "Carla", "May the authority's inspector look at our proofs without a sign-in?",
        to="Carla", shared=True
    ).answered(-29, "olivia",
        "Yes: a link for one inspection, which ends after the day you choose and shows nothing but the "
        "proofs. Jonas showed Timo how it is logged.").agreed(-27, "Carla", "Carla", "That is all I needed")
    c.promise(-24, "olivia",
        "The offer for building services names each clinic's price, so that Dr Ahlers can sign his own",
        due=4, to="Jens", shared=True)
    c.promise(-20, "olivia",
        "Inspection history of the old spreadsheets is in Rounds before your internal audit", due=18,
        to="Carla", shared=True
    ).moved(-12, 24, "olivia",
        "Two of the five spreadsheets name devices that no longer exist. Jonas and your workshop go "
        "through them, and that takes a week longer.")
    c.promise(-18, "olivia",
        "We try to have the lift inspections of the old house in the first step already", due=40, to="Jens",
        stretch=True)
    c.question(-11, "Carla", "Can the night shift sign a round with a glove on?", to="Carla", shared=True,
        holder="jonas", role="support", urgency="soon")
    c.fact(-17, "olivia", "outcome",
        "No device in use past its inspection date, in all five clinics, proven at any hour. In Carla's "
        "words: “I want to sleep when the inspector is in town.”", told="Carla", shared=True)
    c.would_choose_again(-84, "Carla", "yes", "Without hesitating, and I have told Bremen so.", to="Carla")
    c.context(-10, "olivia", "Carla",
        "Her deputy is ill until Christmas, and she loses her second contact person within a year", until=24)
    c.context(-14, "ruth", "Beate", "First budget round under the group's new director", until=40)
    c.meeting(-10, "olivia", "Introduce Ines to Carla and Dr Ahlers, at the workshop", on=2, hour=14, to="Carla")
    c.fact(-9, "olivia", "story",
        "Carla found us after an inspection with 212 overdue pumps. The pilot nearly died over single "
        "sign-on; she overruled her own IT in front of the board and won. Zero findings since. Now Dr "
        "Ahlers wants building services the same way, and Carla's name is on that too.", replaces=before)
    c.fact(-9, "olivia", "if-then",
        "If the internal audit finds gaps in the imported history, then call Carla before she reads it, "
        "with the list of devices that do not exist any more.")
    c.fact(-9, "olivia", "if-then",
        "If Beate brings up the price per device, then point to appendix 4 at once: she agreed to it and "
        "does not like to be reminded in front of others.")
    c.talk(-8, "olivia", ("Carla", "Jens"),
        "Told Carla first, alone, that I am leaving. Long silence, then: “Who?” Told her about Ines and "
        "the two clinics she ran in Kiel. Carla wants to meet her before Dr Ahlers does.")
    c.rate(-8, "urgent", "olivia",
        "Healthy, but everything hangs on Carla: she waits for our answer, an offer is open and she has just "
        "lost her second contact person within a year.")


def lueneburg(story: Story) -> None:
    c = Customer(story, "Lüneburg Waterworks", "olivia", -366, industry="Waterworks", region="North",
        segment="Mid-market", country="Germany", employees=310, founded=1889,
        website="lueneburg-water.example", time_zone="Europe/Berlin")
    c.person(-366, "Henning Uhl", "champion", "user", title="Head of operations",
        email="uhl@lueneburg-water.example", strength=2,
        evidence="Brought two neighbouring waterworks to see it at his own pumping station.",
        cost="Gave his own team's training days for it.")
    c.person(-366, "Ilse Gerken", "economic_buyer", title="Commercial director")
    c.stage(-365, "evaluating", "olivia",
        "Asked three makers for the same thing: a year of pump inspections in one view.")
    c.talk(-360, "olivia", ("Henning", "Ilse"),
        "They plan by a wall calendar from 1997 and it works, says Henning, as long as Dieter is not ill. "
        "Dieter retires in two years.")
    c.fact(-358, "olivia", "why-us",
        "We took over their wall calendar as it is, colours included, instead of teaching them ours.",
        told="Henning", shared=True)
    c.stage(-322, "deciding", "olivia", "Council has the money in its plan.")
    c.stage(-301, "onboarding", "olivia", "Council voted for it, one voice against.")
    c.joins(-300, "success", "hanne", "olivia", "Onboarding begins")
    c.visit(-282, "hanne", "Henning",
        "Copied Dieter's wall into Planner with Dieter. He found two pumps nobody had inspected since the "
        "flood.")
    c.stage(-240, "in_value", "hanne", "The wall calendar came down. Dieter took it home.")
    c.promise(-231, "olivia", "Readings from the wells come in by themselves, without typing", due=-180,
        to="Henning", shared=True, stretch=True
    ).moved(-186, -140, "olivia",
        "The wells' modem speaks an older language than we were told; Jonas writes it anew."
    ).kept(-138, "olivia")
    c.fact(-137, "olivia", "terms",
        "Thirty days to pay, because the council meets once a month. Dunning letters embarrass Ilse in the "
        "council: none, ever.", told="Ilse")
    outcome = c.fact(-136, "olivia", "outcome",
        "Nothing depends on one person's memory when Dieter retires.", told="Henning", shared=True)
    c.fact(-90, "olivia", "decision",
        "Ilse up to 20,000 euros; above it the council, first Thursday of the month.", told="Ilse")
    c.signs_in(-88, "Henning")
    c.confirms(-60, outcome, "Henning", "Henning")
    c.thanks(-86, "hanne", "Henning",
        "Thank you, Henning, for two visits at your station. Both neighbours have signed since.",
        shared=True)
    c.visit(-40, "hanne", ("Henning", "Ilse"),
        "Quiet and content. Ilse asks whether the pipes could be planned like the pumps.")
    wells = c.fact(-39, "olivia", "needs", "Inspection plans for 14 wells; pipes perhaps next year.",
        told="Ilse", shared=True)
    c.promise(-14, "olivia", "A plan for the pipes with its price, for the council's papers", due=12,
        to="Ilse", shared=True)
    c.deal(-13, "olivia", "Renewal for two years", 31_500, closes=71, stage="Talking", kind="renewal")
    c.fact(-8, "olivia", "story",
        "A wall calendar from 1997 became our plan, Dieter's knowledge with it. The wells' modem cost us "
        "two months and we said so each time; they trust us since. Pipes are next, if the council wants.")
    c.talk(-8, "olivia", ("Henning", "Ilse"),
        "Told both that Ines follows me, with Ines on the call. Henning asked her one thing: whether she "
        "has ever stood in a pumping station. She has.")
    c.rate(-8, "steady", "olivia", "Content, nothing late, Henning and Ines have met.")
    c.was_asked_before(-1, outcome, "Henning")
    c.feedback(-2, "Henning", "There are 17 wells: three were taken over from the neighbouring parish.",
        to="Henning", fact=wells, shared=True)


def varde(story: Story) -> None:
    c = Customer(story, "Varde Pumps", "olivia", -352, industry="Machinery", region="North",
        segment="Mid-market", country="Denmark", employees=740, founded=1951, website="varde-pumps.example",
        time_zone="Europe/Copenhagen")
    c.person(-352, "Søren Lauritsen", "champion", "technical_evaluator", title="Maintenance lead",
        strength=2, email="sl@varde-pumps.example",
        evidence="Showed our plan to the sister plant in Esbjerg without being asked.",
        cost="Promised his foremen fewer weekend shifts on the strength of it.")
    c.person(-350, "Birthe Kjær", "economic_buyer", "decision_maker", title="Plant manager",
        say_name="kyair")
    c.person(-349, "Poul Friis", "blocker", title="Shop steward")
    c.stage(-351, "learning", "olivia", "Søren wrote after a talk at the pump makers' day.")
    c.talk(-349, "olivia", ("Søren", "Birthe"),
        "Two lines stand still for 90 hours a month. Birthe: “I can live with planned hours, not with "
        "surprises.”")
    c.stage(-320, "evaluating", "olivia", "Line 2 tries it for six weeks.")
    c.visit(-305, "olivia", ("Søren", "Poul"),
        "Poul fears that the phone watches his people. Showed him that it keeps rounds and not names; he "
        "wants it in writing.")
    c.promise(-305, "olivia", "In writing: no report by person, not now and not later", due=-298, to="Poul",
        shared=True).kept(-300, "olivia")
    c.fact(-299, "olivia", "terms",
        "No report by person, ever: signed with the works council, stronger than the contract.", told="Poul")
    c.stage(-262, "onboarding", "olivia", "Signed for both lines after Poul said yes in the works council.")
    c.fact(-261, "olivia", "why-us", "We gave the shop steward in writing what the others called a detail.",
        told="Birthe")
    c.joins(-260, "support", "jonas", "olivia", "Brings the machines' sensors in")
    c.stage(-190, "in_value", "olivia", "Unplanned standstill from 90 to 31 hours a month.")
    c.fact(-189, "olivia", "outcome",
        "Under 20 hours of unplanned standstill a month on both lines, and no weekend shift because of a "
        "surprise.", told="Birthe", shared=True)
    c.talk(-120, "olivia", "Søren", "Line 1 at 19 hours. Line 2 hangs at 34: the gearbox sensors drop out.")
    broken = c.repair(-64, "jonas",
        "Sensors of line 2 went silent for a night and the plan said all was well", to="Søren",
        holder="jonas", role="support", shared=True, urgency="emergency")
    c.talk(-64, "jonas", "Søren",
        "On the phone from 5:40. A silent sensor looked like a healthy one. That is our fault and I said "
        "so.")
    broken.answered(-55, "jonas",
        "A sensor that is silent for ten minutes is now a finding of its own. We went through the other 41 "
        "customers with sensors too.").agreed(-47, "jonas", "Søren", "Good. This time you called us first.")
    c.fact(-46, "olivia", "needs",
        "The two gearboxes of line 2 watched closely until they are replaced in the plant holidays.",
        told="Søren")
    c.fact(-45, "olivia", "decision",
        "Birthe decides alone, but never against Poul. Ask him first, at the coffee machine and not in a "
        "meeting.")
    c.promise(-26, "olivia", "Weekly look at the gearboxes of line 2, with a line to Søren each time", due=9,
        to="Søren", shared=True)
    c.promise(-19, "olivia", "A price for Esbjerg that counts both plants as one customer", due=15,
        to="Birthe", shared=True)
    c.deal(-19, "olivia", "Esbjerg plant", 47_000, closes=48, stage="Price asked for", product="Rounds")
    c.fact(-9, "olivia", "story",
        "Came over surprises on two lines, signed when Poul had it in writing that nobody is watched. A "
        "silent sensor cost us trust for a night; we called first the second time. Line 2's gearboxes are "
        "the open wound, Esbjerg the prize.")
    c.fact(-9, "olivia", "if-then",
        "If a gearbox of line 2 reports above 80 degrees, then ring Søren's mobile at any hour and send "
        "Jonas, before the plan says anything.")
    c.visit(-7, "olivia", ("Søren", "Birthe"),
        "Took Ines to Varde. Three hours on the floor, coffee with Poul. Søren gave her the gearbox "
        "numbers himself.")
    c.rate(-7, "watch", "olivia",
        "Line 2's gearboxes may fail before the holidays, and Esbjerg is being decided.")
