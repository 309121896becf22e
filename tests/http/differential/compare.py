"""The verdict on a request that several parsers have read.

This server's requests are gone through one by one.  At each, only the parsers
speak that have framed all before it as this server did, and that still read.
"""

import re
from collections import Counter

# What a case can come to, the worst of its requests; the first two fail.
ACCEPTED_ALONE = "accepted, refused by all others"
FRAMED_ALONE = "framed as by no other"
WANTED = "differs, wanted"
STRICTER = "stricter than some"
DIFFER = "others differ among themselves"
AGREE = "all agree"
ORDER = (ACCEPTED_ALONE, FRAMED_ALONE, WANTED, STRICTER, DIFFER, AGREE)
FAULTS = (ACCEPTED_ALONE, FRAMED_ALONE)


def origin_form(target):
    """nginx tells an absolute target (RFC 9112 3.2.2) without its origin."""
    match = re.fullmatch(r"(?i)https?://[^/?]*(.*)", target or "")
    if not match:
        return target
    return match[1] if match[1].startswith("/") else "/" + match[1]


def at(result, i):
    """What a parser says of the i-th message: (kind, method, target)."""
    if i < len(result.entries):
        e = result.entries[i]
        return ("framed", e.method, origin_form(e.target))
    return (result.end, None, None)


def same(a, b):
    """Whether two found the same request.  This server tells neither method
    nor target of one that it refuses and keeps the connection."""
    return a == b or (a[0] == b[0] and None in (a[1], b[1]))


def verdict_at(own, i, others):
    """The verdict on the i-th message; `others`: what they say, by name."""
    mine = at(own, i)
    said = list(others.values())
    kinds = {s[0] for s in said}
    if mine[0] == "framed" and not own.entries[i].ok:
        return STRICTER if "framed" in kinds else AGREE
    if mine[0] == "framed":
        if any(same(mine, s) for s in said):
            return AGREE if all(same(mine, s) for s in said) else DIFFER
        return ACCEPTED_ALONE if kinds == {"refused"} else FRAMED_ALONE
    if mine[0] == "refused":
        return STRICTER if kinds - {"refused"} else AGREE
    # waits, idle: nothing more was framed
    if kinds == {"framed"}:
        return FRAMED_ALONE
    return AGREE if kinds <= {mine[0]} else DIFFER


def verdict(own, others):
    """The worst of all messages, which one that was, and the parsers that
    spoke there."""
    worst, where, who = AGREE, 0, set(others)
    speaking = dict(others)
    for i in range(len(own.entries) + 1):
        speaking = {name: r for name, r in speaking.items()
                    if at(r, i)[0] != "closed"}
        if not speaking or at(own, i)[0] == "closed":
            break
        found = verdict_at(own, i, {n: at(r, i) for n, r in speaking.items()})
        if ORDER.index(found) < ORDER.index(worst):
            worst, where, who = found, i, set(speaking)
        speaking = {name: r for name, r in speaking.items()
                    if same(at(own, i), at(r, i))}
    return worst, where, who


def lengths_differ(others):
    """Whether two that framed the same request tell other lengths of it."""
    for entries in zip(*(r.entries for r in others.values()), strict=False):
        told = {e.length for e in entries}
        if len({(e.method, origin_form(e.target)) for e in entries}) == 1 and len(told) > 1:
            return True
    return False


def table(counted):
    """counted: {kind: Counter of verdicts}; as lines of text."""
    total = sum(counted.values(), Counter())
    lines = ["| requests | count | " + " | ".join(ORDER) + " |",
             "|---" * (len(ORDER) + 2) + "|"]
    for name, count in [*counted.items(), ("all", total)]:
        cells = [str(sum(count.values()))] + [str(count[v]) for v in ORDER]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
