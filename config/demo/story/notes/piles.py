"""How far the notes are sorted: Nordwald's by Olivia before she goes, St Brannock's by those who knew it."""

from __future__ import annotations

from config.demo.story.sorting import Sitting
from config.demo.story.telling import Story

# fmt: off


def tell(story: Story) -> None:
    """Osterby's lie as they were written."""
    olivia_sorts(story)
    jonas_sorts(story)
    hanne_sorts(story)
    max_sorts(story)


def olivia_sorts(story: Story) -> None:
    it = Sitting(story, "Nordwald Clinics", -8, "17:20", "olivia")
    it.handling("no letter about prices without a call", "Beate",
        "No letter about prices without a call first, and nothing past Mrs Sommer, who reads everything before "
        "Beate does.")
    it.handling("He operates on Tuesdays and Thursdays", "Jens",
        "One page, on paper, no abbreviations; he signs the next morning or never. Not on Tuesdays and "
        "Thursdays, when he operates, and never in a mail with Timo.")
    it.handling("Never on a Friday after one", "Carla",
        "Not on a Friday after one: her daughter plays handball.")
    it.promise("I gave him my word that these cost nothing",
        "Two spare readers for the workshop in Harburg, at no charge, as every clinic was promised", due=9,
        to="Carla")
    it.if_then("Without a fresh report by then",
        "If Timo has no fresh audit report of the data centre by {+60}, then he takes us off the network, "
        "whoever rings him.")
    it.nothing("since the first letter had gone", "Could we say ten?", "The coffee machine is still broken",
        "wants to stop logging of night rounds", "sports hall", "does {-105} or {-101} suit")


def jonas_sorts(story: Story) -> None:
    it = Sitting(story, "St Brannock's Hospital", -2, "15:05", "jonas")
    it.handling("nothing between 7 and 19", "Colm",
        "Nothing on his network between 7 and 19 o'clock, two weeks for a ceiling tile, no remote access at "
        "the weekend. Aoife may say yes for him, but not about block C.")
    it.if_then("walls in the wing close {+25}",
        "If the wing's gateways are not ordered by {+12}, then the walls close without them on {+25}, and "
        "infection control takes nothing that is mounted on top.")
    it.promise("said I'd bring a plan for the swap",
        "A plan for the swap of the trial's tags, before their batteries go", due=6, to="Amira",
        holder="jonas")
    it.nothing("day 2-4 of tagging", "gateway 7 was off", "red stickers are on", "gateways 3 and 9 get")


def hanne_sorts(story: Story) -> None:
    it = Sitting(story, "St Brannock's Hospital", -2, "16:30", "hanne")
    it.handling("do not ring her before ten", "Amira",
        "Not before ten, and a text first. Either her or Declan in a mail, never both.")
    it.handling("please never thank the three departments", "Amira",
        "Never thank the three departments in public for the trial's money: it starts again each time.")
    it.nothing("half of it is from 1831", "61 people over two days", "Merger with Harcourt Clinic",
        "I'll bring the sheets")


def max_sorts(story: Story) -> None:
    it = Sitting(story, "St Brannock's Hospital", -1, "14:10", "max")
    it.promise("report on lost tags each quarter",
        "The report on lost tags that the first Friday of this quarter should have brought", due=7,
        to="Declan", holder="hanne")
    it.nothing("St B. 2nd call", "Does Thursday 14:00", "tried Declan, out", "SIGNED", "heard in corridor",
        "A. rang x2", "I told her I would find out", "I'll come back to you on a number")
