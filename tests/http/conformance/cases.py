"""The table: every part, in the order of the report."""

from . import (coding, conditional, connection, framing, lines, ranges,
               rules, targets)
from .case import Case, Part

PARTS = [part for module in (lines, framing, targets, conditional, ranges,
                             connection, coding, rules)
         for part in vars(module).values() if isinstance(part, Part)]
TABLE: list[Case] = [case for part in PARTS for case in part.cases]

# Features that a case may need.  Those that are not named here are left out
# of the runs.
BUILT = {"", "coding", "rules", "spa"}
# What this server is known to get wrong, and why that stays for now.
KNOWN = {}
CASES = [case for case in TABLE if case.needs in BUILT]

assert len({c.id for c in TABLE}) == len(TABLE), "an id twice"
