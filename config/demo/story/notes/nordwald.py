"""A year of notes on Nordwald: Klaus in whole sentences, Olivia short and warm, Jonas by the number."""

from __future__ import annotations

from config.demo.story.telling import Story

# fmt: off


def tell(story: Story) -> None:
    klaus_writes(story)
    olivia_takes_over(story)
    the_first_half_year(story)
    building_services(story)


def klaus_writes(story: Story) -> None:
    c = story.customers["Nordwald Clinics"]
    c.note(-374, "klaus", """
        Sent Ms Diaz the brochure and the checklist for the second time, since the first letter had gone
        to the old address. Proposed a telephone call for the coming week, in the morning.""", "Carla")
    c.mail(-369, "klaus", "Carla", """
        Dear Ms Diaz, many thanks for your message. Ten o'clock suits me very well. I look forward to
        it. With kind regards, Klaus Reimer

        On Tuesday Carla Diaz wrote:

        > Could we say ten? At nine I am in the workshop and nobody can hear a telephone there.""")
    c.talk(-362, "klaus", ("Carla", "Timo"), """
        Conference with Mr Sander of IT security. He asked for three papers: the contract of the data
        centre, the last audit, a description of the sign-in. He is correct and not unfriendly, but told
        me that he has stopped two vendors this year and intends to keep count.""")
    c.talk(-355, "klaus", "Uwe", """
        Mr Brandis wants two spare readers for every clinic, for the cellars, where a broken one means a
        walk of twenty minutes. I gave him my word that these cost nothing. It is a small thing and will
        not be in the contract.""")
    c.visit(-344, "klaus", ("Carla", "Uwe"), """
        Second visit. The coffee machine is still broken. Ms Diaz showed me the list of 11,000 devices
        and said in the same breath that she does not believe it. She is Diaz with the stress on the
        first syllable, I had it wrong and she let me have it wrong for three weeks.""")
    c.note(-338, "klaus", """
        Ms Krull's office is run by a Mrs Sommer. Nothing reaches Ms Krull that Mrs Sommer has not read,
        and what comes past her goes to the bottom. A telephone call to Mrs Sommer before each letter is
        time well spent.""", "Beate")
    c.mail(-333, "klaus", "Timo", """
        Dear Mr Sander, the papers follow from Mr Okafor. With kind regards, Klaus Reimer""")
    c.note(-326, "jonas", """
        pilot, week 1. phones lose the network at the second cellar door, sync catches up at the lift. 2
        readers dropped, one dead. Timo wants to hear five working days before ANY maintenance window,
        by mail to him and to the night desk. told him yes, always.""", "Timo")
    c.talk(-317, "klaus", "Carla", """
        She rang late. The board asks where the money shall come from. She has an order for an
        ultrasound fleet open and is thinking about it. I did not say anything; it did not seem my
        place.""")
    c.note(-308, "klaus", """
        Competition: Inspektra has been to the clinic in Kiel and offers at half the price, without the
        offline part. Mr Brandis mentions it to see what I do. I did nothing.""", "Uwe")
    c.talk(-303, "klaus", "Carla", """
        The ultrasound fleet is given up. She told me on the staircase and asked me never to bring the
        word up when somebody from the board is in the room, as two of them had promised it to a
        colleague.""")
    c.mail(-290, "klaus", ("Carla", "Uwe"), """
        Dear both, the board's date has been moved by four weeks, I am told because of an election in
        the doctors' council and not because of us. With kind regards, Klaus Reimer""")
    c.talk(-281, "klaus", "Carla", """
        The date has moved a second time. The chairman is in hospital, in his own, as it happens. She
        thinks it is good for us: he complains about the infusion pump at his bed.""")
    c.note(-266, "klaus", """
        To be handed to Mrs Berg: folder, keys, list of birthdays. The rest I shall tell her by word of
        mouth.""")


def olivia_takes_over(story: Story) -> None:
    c = story.customers["Nordwald Clinics"]
    c.talk(-256, "olivia", "Uwe", """
        Uwe asked where the spare readers are. I knew nothing of any. Klaus remembers at once: two for
        each clinic, no charge. Three clinics have theirs now, Kiel and Harburg don't, they are on the
        truck list "when there is room".""")
    c.talk(-251, "olivia", "Timo", """
        Timo, an hour. He isn't against us, he is against being surprised. Log files: he wants them kept
        for twelve months and then deleted, data protection.""")
    c.note(-247, "olivia", """
        Rang Mrs Sommer, she is on holiday. Rang again. Sent the cost table by mail after all.""", "Beate")
    c.talk(-241, "olivia", "Beate", """
        Beate cool. The table came past Mrs Sommer. I apologised to both. What she wants, once and for
        all: no letter about prices without a call from me first. I gave her that.""")
    c.mail(-235, "olivia", "Carla", """
        Hi Carla, fingers crossed for you know what. I'm on the phone all evening. Olivia

        > If it goes wrong I shall sell pumps with you.""")
    c.talk(-227, "olivia", "Carla", """
        Night before the board. She read me her eleven minutes. One sentence I asked her to take out,
        about IT. She left it in.""")
    c.note(-223, "olivia", """
        Appendix 4, how it came about: Beate needed one number that does not move for the supervisory
        board, Petra said yes on the phone while I stood beside Beate's desk. Three years from the
        signature. What is ordered later comes in at the same price per clinic, but only if it is
        ordered before {+34}: after that the list applies. That last half sentence is in Petra's mail
        and not in the appendix.""", "Beate")
    c.visit(-217, "hanne", "Carla", """
        Kick-off with the workshop, twelve people and a dog. I like them a lot. Mirko is Carla's deputy
        and knows where everything is, if you want something done ask Mirko and thank Carla. They start
        at six so a call at seven is late morning for them. Two of the older ones don't want to hold a
        phone, we agreed they call out and the apprentice types, and nobody makes a joke about it.""")
    c.note(-209, "jonas", """
        device import: 10,640 and not 11,000. rest were beds. five spreadsheets, same columns, different
        meaning of "last". Hamburg = day of round, Kiel = day of signature. the others nobody knows.""")
    c.talk(-203, "hanne", "Carla", """
        Just a chat. Her daughter plays handball, Friday afternoons she is in a sports hall somewhere
        and that is holy. Never on a Friday after one.""")
    c.mail(-197, "hanne", "Carla", """
        Dear Carla, here are the slides and the photos. Thanks for having me, see you on {-182}! Hanne""")
    c.note(-193, "olivia", """
        Rumour from Kiel: the works council wants to stop logging of night rounds. Asked nobody yet.""")
    c.talk(-187, "olivia", "Carla", """
        Works council: nothing of the kind. They wanted to know whether night rounds count as working
        time. They do. Closed.""")


def the_first_half_year(story: Story) -> None:
    c = story.customers["Nordwald Clinics"]
    c.visit(-182, "hanne", "Carla", """
        Workshop, routine. The wall plan is gone and somebody has hung a plant there. Questions from the
        night shift: gloves, again. I said we'd look.""")
    c.talk(-174, "ruth", "Beate", """
        Met Beate at the hospital finance day. In confidence: if the two finance offices merge hers may
        be the one that goes. She does not want anybody of ours to be seen as knowing, and asked to be
        told early if her successor writes to us.""")
    c.mail(-169, "olivia", "Timo", """
        Hello Timo, audit report attached, it is the one of last year. The next one is due in
        {month-40}. Best, Olivia

        > Thanks. To be clear: this one is good until {+60}. Without a fresh report by then I have to
        take you off the network, whoever rings me. That is not a threat, it is how my rules are
        written. T.""")
    c.talk(-160, "olivia", "Uwe", """
        Uwe goes. Bremen, head of technology for the whole group there. Before he went he said what I
        should have written down a year ago: Carla spent everything she had on us, and at the next vote
        she has nothing left to spend, so bring her something she can win with. He'd take us along to
        Bremen, he tenders in {month+90}, and he wants to be asked by somebody he knows.""")
    c.talk(-145, "olivia", "Jens", """
        First time with Dr Ahlers. Eleven minutes, standing. He reads one page, on paper, and signs the
        next morning or never. He operates on Tuesdays and Thursdays, whoever rings the theatre is out
        for good. Not on the phone in general. No abbreviations. And he does not want to be on a mail
        with Timo, they have some history about a server room.""")
    c.note(-141, "olivia", "Travel booked. Hotel by the station was full, took the other one.")
    c.talk(-136, "hanne", "Carla", """
        Long call, half of it about the inspector, who is a Ms Tobien, very exact and fond of the
        numbering. Carla says when Ms Tobien asks for something one gives her exactly this and nothing
        else, last year a colleague gave her a second folder to be nice and it took a day.""")
    c.note(-127, "jonas", """
        maintenance tonight. wrote Timo this morning. he wrote back one word: "five". so: five working
        days, I forgot. moved it to next week.""", "Timo")
    c.talk(-122, "hanne", "Carla", """
        Carla wants the log files kept for 24 months, because Ms Tobien looks back two years. I said
        surely that is no problem?""")
    c.talk(-115, "olivia", "Carla", """
        Short. She is tired. Says thank you for the cake. Says also that Mirko has applied elsewhere and
        took it back when she gave him the Kiel workshop.""")
    c.mail(-112, "olivia", "Carla", """
        Hi Carla, does {-105} or {-101} suit you for the half-year review? Any time after nine. Olivia

        > {-101}, half past nine. Bring nothing, we have rolls.""")
    c.talk(-101, "olivia", ("Carla", "Jens"), """
        Half-year review. He had the one page in his hand, folded twice. He asked what would happen if
        Carla fell under a bus. Nobody had an answer. I said Mirko. He said "write it down then".""")
    c.note(-91, "jonas", "spare readers: found 2 for Kiel in the returns. Harburg still 0 of 2.")
    c.talk(-87, "olivia", "Beate", """
        Beate rang, in a good mood for once. She'd pay a year in advance if it gave her 2 %. I said I
        would ask. Petra says not before the renewal and not in writing.""")
    c.visit(-75, "hanne", "Carla", """
        Harburg! I had never been. Lovely porter. The workshop there is two people, they share a reader
        and it works, but they heard that the others have spares and feel like the poor cousins. Mrs Ott
        said Klaus had promised them.""")
    c.mail(-71, "olivia", "Carla", "Thanks, received. O.")


def building_services(story: Story) -> None:
    c = story.customers["Nordwald Clinics"]
    c.talk(-56, "olivia", "Jens", """
        Building services. He had counted the lifts himself: 61. Wants emergency power first, because of
        the blackout they had, and kitchens last. If the emergency power is not in by the fire
        inspection on {+52} he'd rather leave all of it.""")
    c.talk(-51, "olivia", "Carla", """
        Asked Carla what she thinks of the lifts. She is for it but not loudly: it is not her department
        and she has been loud once. So the one who carries it is Dr Ahlers, and he has never carried
        anything here.""")
    c.note(-46, "olivia", """
        Renate Pohl can't place an order without form 7b, and she's away every second Monday. She says
        she decides about the vendor. Beate says: "Renate decides about the envelope." """, "Renate")
    c.talk(-41, "ruth", "Beate", """
        Told her the roadmap. She listened, asked about nights again: who picks up at three. I owe her a
        name.""")
    c.mail(-39, "olivia", "Renate", """
        Dear Renate, form 7b five times, one for each clinic, in the post today. Kind regards, Olivia

        > Received four. Kiel is missing. Pohl""")
    c.talk(-35, "hanne", "Carla", """
        Mirko is ill, something with his back, it will be long. Yasemin Acar stands in, she is good and
        quick and does not dare to ring us. So we ring her, Mondays at half past six. I said I'd do it.""")
    c.note(-28, "jonas", """
        spreadsheets: 212 rows name devices that no longer exist. Carla's people go through it, they
        send us the list by {+6}, otherwise we can't hold ours.""", "Carla")
    c.talk(-26, "olivia", "Timo", """
        Timo again about the audit report. I said next month. He said that he had heard next month last
        month.""")
    c.talk(-22, "olivia", "Carla", """
        The gloves. Third time the night shift asks, Hanne had it in {month-182}. I put Jonas on it
        properly now.""")
    c.mail(-19, "hanne", "Carla", """
        Dear Carla, get well wishes to Mirko from all of us. The card is in the post. Hanne""")
    c.talk(-15, "olivia", "Beate", """
        Offer with Beate. She likes it. She did say that Inspektra has been to see Renate, at a third
        less, and that she told Renate to file it. Offer stands until {+34}, I reminded her that the old
        price goes on that day. She had it in her calendar.""")
    c.talk(-13, "olivia", "Carla", """
        Told Carla first, before Max told anybody: I'm going. She was quiet, then asked who. She does
        not want a lunch and flowers, she wants whoever comes to have read it all. "No forty minutes." I
        said no forty minutes.""")
    c.note(-12, "olivia", """
        Things in my head that are nowhere: Mrs Sommer's birthday is {+11}. Carla's mother was at our
        stand in {month-300} and still asks after the stapler. Beate says "we will see" when she means
        yes and "interesting" when she means no.""", "Beate")
