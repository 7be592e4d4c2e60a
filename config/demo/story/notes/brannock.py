"""A year of notes on St Brannock's: Gregor in telegrams, Jonas by the number, Hanne as she talks."""

from __future__ import annotations

from config.demo.story.telling import Story

# fmt: off


def tell(story: Story) -> None:
    the_trial(story)
    the_first_wards(story)
    the_wing(story)
    the_last_weeks(story)


def the_trial(story: Story) -> None:
    c = story.customers["St Brannock's Hospital"]
    c.person(-355, "Maeve Doyle", "champion", title="Ward manager, intensive care", strength=2)
    c.person(-337, "Colm Brady", "technical_evaluator", title="Networks")
    c.note(-356, "gregor", """
        St B. 2nd call. 3 depts: ICU, theatres, anaesthesia. each thinks the others hide the pumps. send
        deck""", "Amira")
    c.talk(-353, "gregor", "Maeve", """
        Maeve D runs ICU ward. funny, direct. her nurses lose 40 min a shift looking. calls it
        hide-and-seek. wants to be the trial ward""")
    c.mail(-347, "gregor", "Amira", """
        Hi Amira, good to talk just now, thanks for your time. As said I'll send the slides over. Does
        Thursday 14:00 your time work for the next call? Or Friday after eleven? Best, Gregor""")
    c.note(-341, "gregor", """
        trial money: Amira scraped it from 3 budgets. O'Hara (anaesth.) + Flynn (theatres) paid through
        gritted teeth. Maeve put in her own ward's training money, 11k, told no one upstairs. do NOT let
        that come out""")
    c.talk(-337, "gregor", "Colm", """
        IT: Colm Brady. no wifi for us, ever. own gateways, own vlan, he plugs them in himself. fine""")
    c.mail(-330, "gregor", "Colm", """
        Hi Colm, thanks for the floor plans. Anything against 12 gateways in phase one?

        On Monday Colm Brady wrote:

        > Twelve is fine so long as nobody of yours opens a ceiling tile. We had an asbestos scare in
        block C, tiles are opened by estates and by nobody else. Two weeks' notice to them, in writing,
        otherwise no.

        Understood. Gregor""")
    c.talk(-324, "gregor", "Maeve", """
        Maeve rang, 1st week. 31 of 34 pumps found. she had a go at O'Hara in the canteen abt his "lost"
        ventilators (they were in his store). whole hospital talks about it. he won't forget that""")
    c.note(-318, "gregor", """
        A. is Dr Saleh in front of the heads. first name only when alone. learned hard way""", "Amira")
    c.note(-311, "gregor", "tried Declan, out. tried again, out. call Thu")
    c.talk(-305, "gregor", "Declan", """
        Declan Moore, finance. dry. one page, numbers, no adjectives. says he decides. Amira says: he
        signs what the medical board has voted, nothing else, and the board listens to Sr Bernadette""")
    c.talk(-297, "gregor", ("Amira", "Declan"), """
        93 % found. D. asks for a way out after year one. said I'd see what I can do""")
    c.note(-291, "gregor", """
        competitor: Wardlight was in, via O'Hara. cheaper tags, 4 yrs battery they say. Amira: tags fell
        off in the demo""")
    c.mail(-284, "gregor", "Declan", """
        Declan, as agreed the wording for the side letter. Kind regards, Gregor

        > The hospital may end the agreement at each anniversary of the signature with three months'
        notice in writing.

        If you are fine with it I attach it to the order form.""")
    c.note(-276, "gregor", """
        side letter signed, both. in my drawer, legal has no copy. so D. can walk at the anniversary if
        he writes by {+4}. he knows the day, I'd bet on it""", "Declan")
    c.talk(-269, "gregor", "Amira", "SIGNED. she cried a bit. bought the ward biscuits")


def the_first_wards(story: Story) -> None:
    c = story.customers["St Brannock's Hospital"]
    c.note(-266, "jonas", """
        kick-off with Colm. what I noted:

        1,900 devices is a guess from the insurance list, we count while tagging. gateways only on vlan
        70. estates open the tiles, ticket two weeks before. freight lift B is locked after 15:00, key
        at the porter, ask for Tom. parking: none, take the tram.""", "Colm")
    c.visit(-261, "hanne", ("Amira", "Maeve"), """
        My first day at St Brannock's and what a place, half of it is from 1831 and the other half is
        containers. Maeve took me round for three hours. The nurses were kind but tired, one of them
        said she'd seen four systems come and go and would learn the fifth when it was still there in a
        year. I think that is fair. They call the device pool "the hotel" and a pump that is out is "on
        holidays". We should use their words on the training sheets. Lunch was awful. I'll be back in
        two weeks.""")
    c.note(-254, "jonas", """
        day 2-4 of tagging. 640 done. the clip doesn't hold on the old Baird ventilators, glue only.
        don't glue on anything that goes near the MRI.""")
    c.talk(-249, "gregor", "Amira", """
        A. worried abt cost of lost tags. told her first year's on us, up to 500. forget the invoice for
        those""")
    c.talk(-243, "hanne", "Maeve", """
        Maeve on the phone, mostly about her sister's wedding. The one thing for us: never ring the ward
        between half six and eight, morning or evening, it is handover and they hate whoever rings. If
        it is urgent text her and she rings back. Same on all wards she says.""")
    c.note(-236, "jonas", """
        counted: 1,940 devices, not 1,900. the 40 are infusion pumps in the day clinic that nobody had
        on a list. licence is per hospital so no matter. told Amira.""", "Amira")
    c.mail(-229, "jonas", "Colm", """
        Hello Colm, gateway 7 was off from 2:10 to 5:40. Did somebody pull it?

        > Cleaner needed the socket. I have put a sticker on it. It will happen again, we have more
        cleaners than sockets.

        Right. I'll make it tell me when it is gone. Jonas""")
    c.talk(-222, "gregor", "Declan", """
        D: report on lost tags each quarter, first Friday. said yes. tell Hanne""")
    c.talk(-214, "hanne", "Amira", """
        Amira was late and apologised four times. She says do not ring her before ten, she is in theatre
        or with the board, and she picks up thinking it is theatre and then is cross with herself for
        being cross. A text first. Also that mails with her and Declan both on them end up in a war over
        who answers, so one or the other.""")
    c.visit(-207, "hanne", "Maeve", """
        Training in wards one to four, 61 people over two days, I have no voice left. The night sister
        on three asked whether the battery can go flat without anyone noticing. I said I'd ask. Good
        cake.""")
    c.note(-203, "gregor", "battery q from Hanne. years. told ward")
    c.note(-197, "jonas", """
        pump 0417 went into the MRI with a tag on. tag came off and hit the bore cover. nobody hurt.
        radiology is furious, rightly: the sheet said "no glue", it did not say "no tag". my sheet. I
        wrote to Dr Saleh the same evening and said so.""", "Amira")
    c.talk(-196, "gregor", "Amira", """
        MRI thing. she held the line for us w/ radiology, took it on herself at the safety mtg. gave her
        20 tags + red stickers. cover repair 2,300, we pay, Max ok'd by phone""")
    c.mail(-193, "jonas", "Amira", """
        Dear Dr Saleh, red stickers are on all 212 devices that may go near the MRI, and none of them
        has a tag. The porter's list is changed as well. Yours, Jonas Okafor""")
    c.talk(-184, "hanne", "Amira", """
        Good hour with Amira. She told me how the trial was paid, O'Hara and Flynn still leave the room
        when she presents. She says please never thank the three departments in public for the money, it
        starts again each time.""")
    c.note(-178, "gregor", "heard in corridor: St B merging with Harcourt Clinic. if so all off. ask A.")
    c.talk(-171, "hanne", "Maeve", """
        Maeve is going. Galway, the new clinic there, more pay and her mother is near. End of the
        month. She said it cost her more than she thought, since the canteen O'Hara's people let her
        wait for every bed, and the training money came out in the audit after all and she got a letter
        for it. Not bitter though. "If Galway ever looks, I know what to tell them." I have her private
        number, she'd like to be asked. We owe her a proper goodbye.""")
    c.talk(-166, "hanne", "Amira", """
        Merger with Harcourt Clinic: not true, it was about the laundry. Amira laughed.""")
    c.leaves(-158, "Maeve")
    c.mail(-157, "hanne", "Maeve", """
        Dear Maeve, all the best from all of us, and thank you. The cake tin is yours. Hanne""")
    c.talk(-149, "hanne", "Amira", """
        New ward manager in ICU is Sinead Burke, stands in for now, "acting". Polite, has no opinion of
        us yet. She was trained on Wardlight in her last job.""")
    c.note(-143, "jonas", """
        battery: measured 60 tags from the trial. 14 are under 20 %. that's after 13 months, so closer
        to 18 months than "years". they'll start dropping out around {+30}. Gregor told them years,
        somebody has to correct that. swap would be 300 tags, two days.""")
    c.note(-139, "gregor", "j, seen yr battery thing. let me tell A. in my own time, not now pls. G")
    c.visit(-133, "hanne", ("Amira", "Declan"), """
        Quarterly. Declan had one question, how many lost, six a week since the new clips instead of
        ten. He wrote it down and left. Amira says that was him being pleased. Wednesdays are board days
        by the way, both of them are no use on a Wednesday.""")


def the_wing(story: Story) -> None:
    c = story.customers["St Brannock's Hospital"]
    c.talk(-124, "gregor", "Amira", """
        kids' wing, 1st mention. 8 wards, opens {month+120}. she wants us in the walls, not on them""")
    c.talk(-117, "gregor", "Amira", """
        wing: money isn't the hospital's. donor (old distillery family), via a trust. trust's solicitor
        signs, a Mr Tierney. Kinsella (paeds prof) proposes. D. only passes it through, tho he'll tell
        you he decides""")
    c.note(-108, "jonas", """
        walls in the wing close {+25}, says Colm. gateways have to be in before, so ordered by {+12},
        they take nine working days. after that it is surface mount, and infection control does not want
        surface mount in children's wards.""", "Colm")
    c.talk(-103, "hanne", "Amira", """
        She asked again about the batteries, the night sister had asked her. I said Jonas was looking
        into it. I did not feel good saying that.""")
    c.mail(-98, "gregor", "Amira", """
        Dear Amira, it was lovely to see you and the wing. I'll come back to you on a number. Hope the
        weekend was good and the little one is better. Best wishes, Gregor

        Sent from my phone""")
    c.note(-90, "gregor", """
        wing calc: tags+sw 58. gateways 6, fitting by their estates. so 64 all in. start w/ 58, rest in
        writing later when Tierney asks""")
    c.note(-81, "gregor", """
        told A. 58. she: "all in?" me: more or less. she's happy. put 64 in the system. write it up next
        wk""", "Amira")
    c.talk(-79, "hanne", "Amira", """
        Called about the training dates and she was beaming about the wing, 58 all in she says, she had
        told Prof Kinsella already and he had told the trust. So I suppose that's done?""")
    c.note(-72, "gregor", "write up wing offer!!")
    c.talk(-68, "jonas", "Colm", """
        Colm wants the port list for the wing from us, he gives us the switch positions by {+5} in
        return. he holds his dates. also: not to plug anything in the wing before the fire officer has
        signed.""")
    c.note(-63, "gregor", """
        draft to Tierney, not sent: "...58,000 euros including gateways and installation, valid until
        the end of the quarter..." no. ask Max first if I can go to 58 all in""")
    c.visit(-57, "hanne", "Amira", """
        Bed washer. They wash at 85 and not at 65 as the sheet of the maker said, so the tags for bed
        frames have to take 85. Jonas knows. The washer people are in the basement, nice men, ask for
        Dermot, they have a kettle.""")
    c.note(-50, "jonas", """
        tag maker: the first washable batch failed at 85 degrees, glue again. second batch in three
        weeks. that's why the 300 were not there when Gregor had said first.""")
    c.talk(-48, "gregor", "Amira", "washable tags later, blamed customs. new date mid next mth")
    c.note(-44, "jonas", """
        I hear customs was the reason given. it wasn't, it was the glue. if somebody asks us, the glue.""")
    c.talk(-40, "hanne", "Amira", """
        Please keep this between us: Amira has been asked to go to Cork, a chair, she would start in
        {month+200}. She has not said no. Nobody at St Brannock's knows and nobody must. She wants the
        wing finished first, "that one has my name on it". I said I would not tell anybody who does not
        need it. So it stands here and no further.""")


def the_last_weeks(story: Story) -> None:
    c = story.customers["St Brannock's Hospital"]
    c.note(-37, "gregor", "D. wants the lost tag report, last one never went. do it", "Declan")
    c.mail(-34, "jonas", "Colm", """
        Colm, gateways 3 and 9 get new firmware on {-29}, ten minutes each, at 11. OK?

        > Not at 11. Never between 7 and 19 o'clock, that was in the rules I sent Gregor. After 19:00 is
        fine, tell the night porter.

        Sorry. I never saw the rules. 19:30 then. Can you send them to me too? Jonas""")
    c.talk(-31, "gregor", "Amira", """
        300 washables by month's end. she needs them, ward 6 has none that survive""")
    c.note(-27, "hanne", """
        Sinead in ICU says quietly that O'Hara brings Wardlight back for the wing, they offer the tags
        for nothing in year one. She thinks it is nonsense but Kinsella plays golf with him.""")
    c.talk(-24, "hanne", "Amira", """
        Short one. She has asked Gregor for the offer in writing twice. She needs it for the trust's
        meeting on {+8}, papers go out five days before. I sent him a message.""")
    c.note(-21, "gregor", "A. rang x2. ring back")
    c.mail(-18, "hanne", "Amira", """
        Dear Amira, thank you for the photos of the corridor, the giraffe is wonderful. See you on
        Thursday at ten, and I'll bring the sheets. Warm regards, Hanne""")
    c.visit(-15, "hanne", "Amira", """
        Ward 6 with Amira. They tape tags into plastic bags so that they survive the wash, it half
        works. She is not angry with Jonas or me. Of Gregor she said "he was never unkind, he was only
        never there". If the wing goes to somebody else it will be because nobody wrote a letter, her
        words.""")
    c.talk(-13, "jonas", "Colm", """
        rules from Colm, at last: nothing between 7 and 19; two weeks for tiles; no remote access on
        weekends, he switches it off; his deputy is Aoife and she may say yes for him, but not about
        block C.""")
    c.note(-11, "gregor", "side letter. wing letter. lost tags. tues.")
    c.talk(-10, "gregor", "Declan", """
        D. asked when the anniversary is. said I'd look. he smiled. I think he's counting""")
    c.note(-8, "hanne", """
        Nobody has heard from Gregor since Monday. Amira neither. I told her I would find out.""")
    c.talk(-6, "jonas", "Amira", """
        she asks about batteries, third time. I told her what I measured: about 18 months, the trial
        tags start to go around {+30}, and that I would rather swap them before. said I'd bring a plan
        for the swap by {+6}. she said thank you for a number.""")
    c.note(-3, "max", """
        Gregor's drawer: the key is with facilities. Declan's office says he is away until {+3}. Found
        in Gregor's sent mail nothing about the wing.""")
    c.talk(-1, "hanne", "Amira", """
        She is calmer. What she wants from whoever comes: has read it, knows Kinsella is the one to
        convince and not Declan, and does not promise in the first call. Her words were "one person, one
        number, on paper".""")
