"""A year of notes on Osterby: Klaus, then Olivia, in her worst months, with Jonas and Petra in between."""

from __future__ import annotations

from config.demo.story.telling import Story

# fmt: off


def tell(story: Story) -> None:
    cold_hours(story)
    after_klaus(story)
    two_ovens_on_one_morning(story)
    the_renewal(story)


def cold_hours(story: Story) -> None:
    c = story.customers["Osterby Bakeries"]
    c.person(-360, "Stig Wall", "champion", title="Head baker, Norrtull", strength=2)
    c.note(-369, "klaus", """
        Letter to Ms Åkesson with the programme of the bakers' day. Her first name is spoken with the
        stress in the middle.""", "Linnea")
    c.mail(-363, "klaus", "Linnea", """
        Dear Ms Åkesson, thank you for the friendly reception. I confirm {-358}, half past three in the
        morning, as you wish. With kind regards, Klaus Reimer""")
    c.visit(-358, "klaus", ("Linnea", "Stig"), """
        Bakery Norrtull at half past three in the morning. Mr Wall, the head baker, knows each of the
        eleven ovens by a woman's name and would not tell me why. He showed me oven 6, which lies about
        its temperature by twenty degrees, and the whole house bakes by his correction. It is chalked on
        the wall behind the flour.""")
    c.talk(-352, "klaus", "Gunnar", """
        Mr Ek is brief. He does not take calls from numbers that he does not know, so give your name to
        the switchboard (Ulla). He wants the number first and the story afterwards, if at all.""")
    c.note(-346, "klaus", """
        Mr Wall spent his own holiday week going round the ovens with our sheet, in three bakeries. He
        has not told his wife why.""", "Stig")
    c.mail(-341, "klaus", "Gunnar", """
        Dear Mr Ek, the sum follows by post, as you prefer. With kind regards, Klaus Reimer

        On Monday Gunnar Ek wrote:

        > One number. Not a range.""")
    c.talk(-336, "klaus", ("Linnea", "Gunnar"), """
        The sum is 4,100 euros for each cold hour. Mr Ek was silent for a while and then asked for an
        order form. Ms Åkesson had been told by him in front of others that it could not be calculated.
        He has since then called it his sum.""")
    c.note(-331, "klaus", """
        Payment: they have thirty days by the contract and pay on day 45, every one of their suppliers
        knows this and no one writes. I told Mr Ek that we should do as the others. Our reminders would
        have to be switched off by hand.""", "Gunnar")
    c.talk(-322, "klaus", "Linnea", """
        She would like a diary for each oven, in which one finds what the fitter did last. I told her
        she shall have it.""")
    c.talk(-311, "klaus", "Gunnar", """
        He asked how one gets out of the agreement. It runs on by itself for another year unless he
        writes to us four weeks ahead. He made a cross in his calendar, in red, and showed it to me.
        It is {+13}.""")
    c.note(-297, "klaus", """
        Card for their jubilee returned by the post office, wrong number of the house. It is 14 and not
        41.""")
    c.visit(-288, "klaus", "Stig", """
        Brought Mr Wall the thermometers. He says that at Osterby the bakers stop whoever they do not
        know, whatever paper he has from the office. One goes to the head baker first and has coffee.
        Then everything is open.""")
    c.note(-280, "jonas", """
        ovens 1-11 in. oven 6: kept Stig's correction as a field of its own, +20. don't let anybody
        "clean that up".""")
    c.talk(-270, "klaus", ("Linnea", "Gunnar"), "Farewell visit, a short one. Mr Ek gave me a loaf.")


def after_klaus(story: Story) -> None:
    c = story.customers["Osterby Bakeries"]
    c.talk(-252, "olivia", "Gunnar", """
        Gunnar, first call, four minutes. He knows everything and asked nothing. At the end: "Klaus had
        it in his head. Where do you have it?" """)
    c.mail(-246, "olivia", "Linnea", """
        Hi Linnea, would Thursday at two work for you? Olivia

        > Thursday is baking for the weekend, nobody of us can think. Monday to Wednesday, please,
        always.""")
    c.talk(-243, "olivia", "Linnea", """
        Oven diary, again. She isn't angry, she is used to it. Please nobody mention the diary to
        Gunnar: she had told him it was part of the price.""")
    c.visit(-237, "olivia", ("Linnea", "Stig"), """
        Three bakeries in one night. Slept in the car. Stig: "first coffee". He's been offered a job at
        Kvarnbo, he says, and laughs. Kvarnbo bakes for the same shops.""")
    c.note(-231, "jonas", """
        diary: two weeks more. the fitter's notes are on the back of delivery slips, 9 years of them, in
        a box.""")
    c.talk(-219, "olivia", "Gunnar", """
        Energy got cheaper, so the cold hour isn't 4,100 any more, Gunnar's people make it 3,650. He
        wants us to use that and only that. If I say 4,100 he stops listening.""")
    c.note(-211, "olivia", "Diary is there. Linnea sent a photo of it beside a bun.", "Linnea")
    c.talk(-199, "olivia", "Stig", """
        Stig goes to Kvarnbo in {month-140}. He put his name to us when the bakers were against it, and
        spent his holiday on it, and in the end nobody at Osterby said thank you: that is why he goes,
        not the money. He'd speak for us at Kvarnbo. After {month+20}, not before, he signed something.""")
    c.talk(-191, "olivia", "Linnea", """
        Does the plan count the hour in which an oven is defrosted as a cold hour? I thought no. Said
        I'd find out.""")
    c.mail(-184, "olivia", "Linnea", """
        Dear Linnea, just to say thank you for the buns, the office is very happy. More soon. Olivia""")
    c.talk(-176, "olivia", "Gunnar", """
        Number for the quarter: two cold hours. He said good. That was the call.""")
    c.note(-163, "olivia", "Asked Jonas re defrost. He asks what defrost.")
    c.talk(-156, "olivia", "Linnea", """
        Gunnar says he alone decides. Linnea, after a glass: above half a million kronor old Mrs Ek has
        to sign as well, his mother, she chairs the board and lives on the island. She reads everything,
        with a ruler. He doesn't like to have it said.""")
    c.leaves(-140, "Stig")
    c.mail(-138, "olivia", "Stig", """
        Dear Stig, all the best for Kvarnbo. And thank you for the three bakeries. Olivia""")
    c.talk(-131, "olivia", "Linnea", """
        New head baker is Per Lind, came from the factory in the south. Linnea thinks he is all right,
        he thinks that the chalk on the wall is unprofessional. Told her about oven 6. If he wipes it
        off, oven 6 burns.""")
    c.note(-126, "jonas", """
        fyi planner lets you put two ovens of one bakery on the same morning. is that ok? nobody
        answered so I left it""")


def two_ovens_on_one_morning(story: Story) -> None:
    c = story.customers["Osterby Bakeries"]
    c.talk(-109, "olivia", "Gunnar", """
        He rang at 6:10. I have never heard anybody so polite. Two ovens, nine cold hours, the Saturday
        bread of 40 shops was late. He'd like the contract on his desk by noon.""")
    c.note(-108, "olivia", "It was us. Jonas had asked in {month-126} and I hadn't read it. I told Petra so.")
    c.talk(-107, "olivia", "Linnea", """
        Linnea stood in front of Gunnar for us, said that it was her who had released the plan. It was
        not. She said "I have one of those, that was it".""")
    c.talk(-104, "petra", "Gunnar", """
        Back from Osterby. What I told Gunnar across his desk: if one of our plans makes an oven cold,
        the month is free. No ceiling. I also gave him my private number, weekends too, and I mean it.""")
    c.talk(-101, "olivia", "Linnea", """
        Linnea understood Petra like this: a month is free when TWO ovens go cold through us in it, one
        is bad luck. I didn't correct her, I wasn't in the room.""")
    c.mail(-96, "jonas", ("Linnea", "Gunnar"), """
        Hello both, what went wrong: the plan allowed two inspections in one bakery at the same time. It
        does not any more. What it will do instead: name the other oven and refuse. Jonas

        > Read. Ek""")
    c.talk(-90, "petra", "Gunnar", "Monday call. Nothing to say, said so.")
    c.talk(-88, "olivia", "Linnea", """
        Ugnvakt has written to Gunnar, 30 % below us. His nephew works there. Linnea: he won't take it
        because of the nephew, he would have to explain it to his mother.""")
    c.talk(-85, "petra", "Gunnar", """
        Monday call. He asked whether the free month for the two ovens had been credited. I said of
        course. Somebody please check.""")
    c.note(-81, "olivia", "Free month: asked accounts. They need a cost centre. Forwarded.")
    c.talk(-73, "olivia", "Linnea", """
        She asks about the defrosting hour. I still have no answer for her and said so.""")
    c.visit(-69, "olivia", "Linnea", """
        Shop ovens, first look, six shops. They are cleaned by the sales people at closing time, four
        minutes, everything longer will not be done. All of them different. In shop 22 the oven stands
        behind the coffee machine. I said we'd bring two spare probes for Norrtull at no cost, they lost
        two in the move.""")
    c.note(-66, "olivia", """
        Heard at the fair that Osterby is being sold to the Danes. Gunnar wouldn't be there then.""")
    c.talk(-61, "olivia", "Gunnar", """
        Sale: he laughed, for the first time. The Danes bought the mill next door. "We are not for sale
        while she lives." """)


def the_renewal(story: Story) -> None:
    c = story.customers["Osterby Bakeries"]
    c.mail(-54, "olivia", "Linnea", """
        Hi Linnea, sorry, I have to move our Wednesday, the train is on strike. Monday at ten? Olivia

        > Monday is fine. Coffee is on me.""")
    c.talk(-47, "olivia", "Linnea", """
        Not for anybody else: Linnea has applied to run the plant in the south. If she gets it, she goes
        in {month+100}, and nobody at Osterby knows ovens and us. She'd propose Per, and Per isn't ours.""")
    c.talk(-42, "olivia", "Gunnar", """
        Calendar: from {+21} to {+60} nobody touches an oven, that is the feast baking. What isn't
        running in the shops by then has to wait until after. He said it the way one says the sun goes
        down.""")
    c.note(-38, "olivia", """
        Gunnar is unreachable on the last two working days of each month, stock-taking. Don't even try
        Ulla.""", "Gunnar")
    c.note(-35, "jonas", """
        defrost: looked it up. the plan does count it as cold, since the update. so their cold hours are
        too high by about one in five. that is in their favour if the guarantee goes by cold hours.
        careful whom you tell first.""")
    c.talk(-31, "petra", "Gunnar", """
        Last of the Mondays. He said he'd miss it. I told him that I'd still pick up.""")
    c.talk(-29, "olivia", "Linnea", """
        Per wiped the wall. Oven 6 burnt 300 loaves, nobody blames us, but Linnea wants the +20 printed
        on the oven itself, as a sign, made of metal. Said I would have one made.""")
    c.mail(-26, "olivia", "Gunnar", """
        Dear Gunnar, the draft of the renewal is attached. Best regards, Olivia

        > Received. On paper, please. My mother does not read screens. Ek""")
    c.talk(-23, "olivia", "Linnea", """
        The pilot for the shops: she wants to begin in the three shops at the harbour, where the sales
        people are patient. Not in shop 22.""")
    c.talk(-19, "olivia", "Gunnar", """
        He brings up the credit before I can. If it isn't on the statement when he signs he doesn't
        sign, it's as simple as that, and he won't say it a second time.""")
    c.note(-17, "olivia", "The probes for Norrtull are still in my car.")
    c.talk(-14, "olivia", "Linnea", """
        Linnea on old Mrs Ek: she remembers who stood up for whom. If the renewal names Linnea as the
        one who reported the fault, she signs. So put her name in the first paragraph.""")
    c.note(-11, "omar", """
        Olivia, the credit: I can see a note for 1,480 euros booked and taken back on the same day. That
        isn't a credit. Need the cost centre from you, otherwise I can't book it again. Omar""")
    c.talk(-10, "olivia", "Gunnar", "Tried Gunnar, in a meeting. Ulla says he is in a good mood.")
    c.talk(-6, "olivia", "Linnea", """
        Told Linnea that I'm leaving, not yet who follows. She asked whether they get up early. Gunnar
        mustn't hear the name from a letter, he wants a call, from me, with whoever it is on the line,
        before eight in the morning.""")
