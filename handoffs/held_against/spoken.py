"""What the answers say of one line: whether they speak of it, and where they differ from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from .figures import Figure, FigureKind
from .lines import Comparison, Difference, LineRead, known
from .reading import AnswerReader, Clause, Sense
from .words import OPPOSITES, compared_as, words_of

#: An answer speaks of a line from so large a part of its words on; of a long line fewer words are enough.
SPOKEN_OF, ENOUGH, AND_PART = 0.34, 3, 0.1
#: So many of them, if it has as many, stand in one sentence: scattered words say nothing.
IN_ONE_SENTENCE = 2
#: How alike (0 to 100) two names may be and yet be two.
NEARLY_A_NAME = 70
LONGEST_QUOTED = 90


@dataclass(eq=False)
class SpokenPart:
    """What the answers say of one line: the clauses that speak of it, and those around them."""

    line: LineRead
    clauses: list[Clause]
    owners: list[list[LineRead]]
    reader: AnswerReader
    weights: Mapping[str, float]

    def __post_init__(self) -> None:
        both = list(zip(self.clauses, self.owners, strict=True))
        self.own = [clause for clause, owners in both if self.line in owners]
        places = {clause.place for clause in self.own}
        beside = {(answer, number + step) for answer, number in places for step in (-1, 1)} - places
        in_sentence = [(c, o) for c, o in both if c.place in places and self.line not in o]
        #: The same sentences, those around them that speak of nothing else, and the sentences before.
        self.sentences = [clause for clause, _ in in_sentence]
        self.free = [clause for clause, owners in in_sentence if not owners]
        self.around = [c for c, owners in both if not owners and c.place in beside]
        before = {(answer, number - 1) for answer, number in places}
        self.before = [c for c in self.clauses if c.place in before]

    def compared(self) -> Comparison:
        if not self.heard:
            return Comparison(self.line.line, False)
        found = [*self.figures(), *self.senses(), *self.turned(), *self.opposites()]
        return Comparison(self.line.line, True, tuple(dict.fromkeys(found)))

    @property
    def heard(self) -> bool:
        line, near = self.line, [*self.own, *self.sentences]
        if line.is_person and line.name and not self.meets(line.name, self.clauses):
            return False
        if not line.stems:
            return bool(self.own) or any(
                line.line.text.strip().lower() in c.text.lower() for c in self.clauses
            )
        figures = [one for one in line.figures if line.demands(one) and one.kind != FigureKind.NAME]
        wanted = len(line.stems) + len(figures)
        enough = min(SPOKEN_OF * wanted, ENOUGH + AND_PART * wanted) / (2 if line.is_person else 1)
        places = {clause.place for clause in near}
        in_one = max((self.heard_in([c for c in near if c.place == it], figures) for it in places), default=0)
        return self.heard_in(near, figures) >= enough and in_one >= min(enough, IN_ONE_SENTENCE)

    def heard_in(self, clauses: list[Clause], figures: list[Figure]) -> float:
        """How many of the words and figures of the line are said there, a rare word for more than one."""
        said = {stem for clause in clauses for stem in clause.stems} & self.line.stems
        mean = sum(self.weights[stem] for stem in self.line.stems) / len(self.line.stems)
        return sum(self.weights[stem] for stem in said) / mean + sum(
            self.meets(one, clauses) for one in figures
        )

    def meets(self, figure: Figure, clauses: Iterable[Clause]) -> bool:
        return any(figure.is_met_by(theirs) for clause in clauses for theirs in clause.figures)

    # What cannot be paraphrased

    def figures(self) -> Iterable[Difference]:
        used: set[int] = set()
        near = [*self.own, *self.free]
        for figure in (one for one in self.line.figures if one.demanded):
            if self.meets(figure, near):
                if self.turns(figure, near):
                    yield Difference(figure.words, f"not {figure.words}")
                continue
            theirs = self.in_place_of(figure, self.own, used)
            wider = [*self.sentences, *self.around, *(self.before if figure.kind == FigureKind.NAME else [])]
            if not theirs and self.meets(figure, wider):
                continue
            if theirs := theirs or self.in_place_of(figure, self.free, used):
                used.add(id(theirs))
                yield Difference(figure.words, theirs.words)
            elif self.line.demands(figure):
                yield Difference(figure.words)

    def turns(self, figure: Figure, clauses: list[Clause]) -> bool:
        """Whether the line says “by 14 January” and every place in the answers “not by 14 January”, or the reverse."""
        if figure.kind == FigureKind.NAME:
            return False
        mine = [clause for clause in self.line.clauses if figure in clause.figures]
        theirs = [(clause, it) for clause in clauses for it in clause.figures if figure.is_met_by(it)]
        denied = any(figure in clause.denied_figures for clause in mine)
        doubted = any(clause.denies for clause in mine)
        return all(
            (denied and not clause.denies) or (it in clause.denied_figures and not doubted)
            for clause, it in theirs
        )

    def in_place_of(self, figure: Figure, clauses: list[Clause], used: set[int]) -> Figure | None:
        """A figure of the same kind that says something else, and is not meant for another line or part of this."""
        lines = [
            line
            for clause, owners in zip(self.clauses, self.owners, strict=True)
            if clause in clauses
            for line in owners
        ]
        for clause in clauses:
            for theirs in clause.figures:
                elsewhere = any(one.is_met_by(theirs) for line in [self.line, *lines] for one in line.figures)
                fits = figure.is_like(theirs) and theirs.demanded and self.could_be_meant(figure, theirs)
                if fits and id(theirs) not in used and not elsewhere:
                    return theirs
        return None

    def could_be_meant(self, figure: Figure, theirs: Figure) -> bool:
        """A word with a capital stands in place of a name if it is one for certain, or nearly that one."""
        if figure.kind != FigureKind.NAME:
            return True
        near = max(fuzz.ratio(str(one), str(other)) for one in figure.values for other in theirs.values)
        return known(theirs, self.reader) or len(theirs.values) > 1 or near >= NEARLY_A_NAME

    def senses(self) -> Iterable[Difference]:
        """What it forbids, or says with “only” or “if”, and the answers do not."""
        for sense in self.line.senses:
            words = self.line.line.text[sense.start : sense.end]
            speaking = [clause for clause in [*self.own, *self.sentences] if clause.stems & sense.stems]
            if self.keeps(sense, speaking if sense.stems else self.own):
                continue
            if against := self.against(sense, speaking):
                yield Difference(words, quoted(against.text))
            elif not self.line.is_person and self.line.demands(WHOLE) and not self.refuses_in_short(sense):
                yield Difference(words)

    def keeps(self, sense: Sense, speaking: list[Clause]) -> bool:
        places = {clause.place for clause in speaking}
        around = [clause for clause in self.clauses if clause.place in places]
        if sense.kind == "only":
            return any(clause.only for clause in around)
        if sense.kind == "if":
            return any(clause.condition for clause in around)
        if not sense.stems:
            return any(clause.denies for clause in around)
        return any(clause.denied & sense.stems for clause in speaking)

    def against(self, sense: Sense, speaking: list[Clause]) -> Clause | None:
        """The clause that says the same without the “never”: its sentence has the words, and it most of them."""
        if not sense.stems:
            return self.own[0] if self.own else None
        shared: dict[tuple[int, int], set[str]] = {}
        for clause in speaking:
            shared.setdefault(clause.place, set()).update(clause.stems & sense.stems)
        enough = min(2, (len(sense.stems) + 1) // 2)
        about = [
            clause
            for clause in speaking
            if len(shared[clause.place]) >= enough
            and (enough > 1 or clause not in self.own or self.is_about(clause))
        ]
        return max(about, key=lambda clause: len(clause.stems & sense.stems), default=None)

    def refuses_in_short(self, sense: Sense) -> bool:
        """“Not ours” may be told in other words, as long as something is denied."""
        short = all(stem.startswith("~") for stem in sense.stems)
        return short and sense.kind == "not" and any(clause.denies for clause in [*self.own, *self.sentences])

    def turned(self) -> Iterable[Difference]:
        """What the line affirms and the answer denies."""
        affirmed = self.line.stems - self.line.denied
        for clause in self.own:
            said = clause.stems & affirmed
            denied = clause.refused & affirmed
            mostly = denied and len(denied) * 2 >= len(said) and not clause.affirmed & denied
            if mostly and self.is_about(clause):
                yield Difference(self.clause_of(denied), quoted(clause.text))

    def is_about(self, clause: Clause) -> bool:
        """Whether it says enough of the line to contradict it."""
        return len(clause.stems & self.line.stems) >= min(2, (len(self.line.stems) + 1) // 2)

    def clause_of(self, stems: set[str]) -> str:
        """Where the line affirms that."""
        said = (clause.text for clause in self.line.clauses if clause.affirmed & stems)
        return quoted(next(said, self.line.line.title))

    def opposites(self) -> Iterable[Difference]:
        """“Before” where the line says “after”, of the same thing."""
        said = {compared_as(word) for clause in self.own for word in words_of(clause.text)}
        for mine in self.line.clauses:
            for word in words_of(mine.text):
                others = OPPOSITES.get(compared_as(word), frozenset())
                if not others or compared_as(word) in said:
                    continue
                for clause in self.own:
                    alike = 2 * len(clause.stems & mine.stems) >= len(mine.stems - {compared_as(word)})
                    theirs = [one.text for one in words_of(clause.text) if compared_as(one) in others]
                    if alike and theirs:
                        yield Difference(word.text, theirs[0])


#: Stands for a part of a line that is neither a figure nor a name.
WHOLE = Figure(FigureKind.SENSE, "", 0, 0, frozenset())


def quoted(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTED else text[: LONGEST_QUOTED - 1] + "…"
