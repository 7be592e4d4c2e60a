"""What the next owner must know of an account, composed from its memory and from nothing else: `compose(account)`.

The handoff room shows it, an approval freezes it, the printed brief is it, and the account's page begins with what it
says hurts first. It follows I-PASS (illness severity, patient summary, action list, situation awareness and contingency
plans, synthesis by receiver: Starmer et al., N Engl J Med 2014;371:1803-12), ordered by what hurts first. The last
part, the read-back, is the receiver's own and so is not composed here. Nothing is invented: a gap is listed as a gap.
"""

from .brief import Brief, BriefChange, BriefLine, BriefPart, Matters
from .composing import compose, matters_of

__all__ = ["Brief", "BriefChange", "BriefLine", "BriefPart", "Matters", "compose", "matters_of"]
