"""Differences that are wanted, each with its reason.  Narrow: each looks at the
bytes, at the request in question and at who spoke there."""

import re


def next_line(own, where):
    """The start of that request's line."""
    entry = own.entries[where]
    return f"{entry.method} {entry.target} HTTP/1.".encode()


def is_empty_member(data, own, where, who):
    """Every coding of Transfer-Encoding is chunked, once, and a list member
    is empty."""
    lists = re.findall(rb"(?i)\r\ntransfer-encoding:([^\r\n]*)", data)
    members = [m.strip(b" \t").lower() for m in b",".join(lists).split(b",")]
    return own.entries[where].ok and {b"", b"chunked"} == set(members)


def is_empty_line(data, own, where, who):
    """h11 alone is left to speak: it takes no empty line, others do."""
    before = b"\r\n\r\n\r\n" + next_line(own, where)
    return who == {"h11"} and where > 0 and before in data


def is_later_version(data, own, where, who):
    """Node alone is left to speak: it knows no HTTP/1.2 to 1.9, others do."""
    line = re.escape(next_line(own, where)) + rb"[2-9]\r\n"
    return who == {"node"} and where > 0 and re.search(line, data)


def is_not_continued(data, own, where, who):
    """Answered without the content, which is never read: closed after it."""
    last = own.end == "closed" and where == len(own.entries) - 1
    return last and re.search(rb"(?i)\r\nexpect:[ \t]*100-continue[ \t]*\r\n",
                              data)


WANTED = {
    "an empty member of Transfer-Encoding's list counts for nothing"
    " (RFC 9110 5.6.1.2)": is_empty_member,
    "an empty line before a request is tolerated (RFC 9112 2.2)":
        is_empty_line,
    "HTTP/1.2 to 1.9 are read as HTTP/1.1 (RFC 9110 2.5)": is_later_version,
    "Expect: 100-continue is answered at once, the connection closed"
    " (RFC 9110 10.1.1)": is_not_continued,
}


def find(data, own, where, who):
    """The reason of the first that matches, or None.  Only what this server
    framed can be wanted."""
    if where >= len(own.entries):
        return None
    for reason, matches in WANTED.items():
        if matches(data, own, where, who):
            return reason
    return None
