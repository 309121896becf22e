"""Validators and preconditions (RFC 9110 8.8, 13)."""

import time

from raw import parse_date, request

from .case import (CHOICE, MUST, SHOULD, Part, check_status, fetch, has,
                   lacks, same, same_if_sent, steps)
from .folder import HELLO, MTIME
from .wire import want

NEVER = "Thu, 01 Jan 1970 00:00:00 GMT"
EQUAL = "Sun, 06 Nov 1994 08:49:37 GMT"
OLDER = "Sun, 06 Nov 1994 08:49:36 GMT"
NEWER = "Sun, 06 Nov 1994 08:49:38 GMT"

valid = Part("validator", "Validators and dates")
valid("last-modified", "9110 8.8.2", SHOULD,
      "A file has Last-Modified, its time of modification.",
      fetch(checks=[has("last-modified", EQUAL)]))
valid("etag", "9110 8.8.3", SHOULD, "A file has an ETag.",
      fetch(checks=[has("etag", r'(W/)?"[\x21\x23-\x7e]*"')]))
valid("etag-strong", "9110 8.8.1", CHOICE, "A file's ETag is strong.",
      fetch(checks=[has("etag", r'"[\x21\x23-\x7e]+"')]))
valid("etag-differs", "9110 8.8.3", SHOULD,
      "Two files of other size have other ETags.",
      lambda at: _differ(at))
valid("etag-replica", "9110 8.8.3", CHOICE,
      "Files of the same size and time have the same ETag: so have replicas.",
      lambda at: _alike(at))
valid("etag-index", "9110 8.8.3", SHOULD, "A folder's index has an ETag.",
      fetch("/folder/", checks=[has("etag")]))
valid("future", "9110 8.8.2.1", MUST,
      "Last-Modified is never later than Date.",
      fetch("/future.txt", body=b"not yet\n", checks=[lambda r, _: want(
          parse_date(r.get("last-modified") or NEVER) <=
          parse_date(r.get("date")), r.get("last-modified"))]))
valid("head", "9110 9.3.2", MUST, "HEAD sends no other validators than GET.",
      fetch(method="HEAD", checks=[
          same_if_sent("etag", "last-modified"), has("etag")]))


def _tags(at, *targets):
    tags = []
    for target in targets:
        with at.connect() as c:
            c.send(request(target, host="localhost"))
            tags.append(c.read().get("etag"))
    return tags


def _differ(at):
    tags = _tags(at, "/hello.txt", "/abc.txt")
    want(tags[0] and tags[0] != tags[1], f"ETags {tags}")


def _alike(at):
    tags = _tags(at, "/abc.txt", "/copy/of-abc.txt")
    want(tags[0] and tags[0] == tags[1], f"ETags {tags}")


for name, more in [
    ("200", {}), ("304", {"fields": ["If-None-Match: *"]}),
    ("206", {"fields": ["Range: bytes=0-0"]}), ("301", {"target": "/folder"}),
    ("404", {"target": "/missing"}), ("405", {"method": "DELETE"}),
    ("412", {"fields": ['If-Match: "x"']}),
    ("416", {"fields": ["Range: bytes=99999-"]}),
    ("501", {"method": "BREW"}), ("400", {"host": "a b"}),
    ("options", {"method": "OPTIONS"}),
]:
    given = dict(more)
    valid(f"date-{name}", "9110 6.6.1", CHOICE if name == "501" else MUST,
          f"What asks for a {name} is answered with Date, an IMF-fixdate of"
          " now.",
          fetch(given.pop("target", "/hello.txt"), *given.pop("fields", []),
                status=tuple(range(200, 600)), **given,
                checks=[lambda r, _: want(
                    r.all("date") and abs(parse_date(r.get("date")) -
                                          time.time()) < 60,
                    f"Date {r.all('date')}")]))
valid("date-bad-line", "9110 6.6.1", MUST,
      "A 400 for a bad request line has Date.",
      steps(lambda c: _date_of_bad(c)))


def _date_of_bad(c):
    c.send(b"GET /hello.txt JUNK\r\nHost: localhost\r\n\r\n")
    r = c.read()
    check_status(r, range(400, 600))
    want(len(r.all("date")) == 1, "no Date")


# ------------------------------------------------------------- conditional

cond = Part("if", "Conditional requests")
SAME_304 = ("etag", "cache-control", "content-location", "expires", "vary")


def unmodified(*fields, **more):
    """304, by RFC 9110 15.4.5, and the connection goes on behind it."""
    return fetch("/hello.txt", *fields, status=304, kept=True, checks=[
        same(*SAME_304), same_if_sent("last-modified", "content-length")],
        **more)


for name, value, what in [
    ("tag", "{etag}", "the tag"), ("weak", "W/{strong}", "the tag, weak"),
    ("star", "*", "*"), ("list", '"a", {etag}, "b"', "in a list"),
    ("no-blanks", '"a",{etag},"b"', "in a list without blanks"),
    ("empty-members", ",, {etag} ,", "among empty members"),
    ("comma-in-tag", '"a,b", {etag}', "behind a tag with a comma"),
    ("tabs", '"a"\t,\t{etag}', "between tabs"),
    ("empty-tag", '"", {etag}', "behind an empty tag"),
    ("obs-text", '"\xe4", {etag}', "behind a tag with obs-text"),
    ("backslash", '"a\\", {etag}', "behind a tag that ends in a backslash"),
    ("many", ", ".join(f'"{i}"' for i in range(300)) + ", {etag}",
     "the last of 301"),
]:
    cond(f"none-match-{name}", "9110 13.1.2", MUST,
         f"If-None-Match that matches ({what}) is answered 304.",
         unmodified(f"If-None-Match: {value}"))
for name, value, what in [
    ("other", '"other"', "another tag"),
    ("others", '"a", W/"b"', "a list of others"),
    ("within", '"x{opaque}"', "a longer tag"),
    ("beginning", '"{opaque}x', "an open, longer tag"),
    ("star-quoted", '"*"', "a tag of one asterisk"),
    ("lower-w", "w/{strong}", "w/ in lower case"),
    ("in-comma-tag", '"a, {opaque}"', "a tag that contains it"),
]:
    cond(f"none-match-{name}", "9110 13.1.2", MUST,
         f"If-None-Match that does not match ({what}) is answered 200.",
         fetch("/hello.txt", f"If-None-Match: {value}", body=HELLO,
               kept=True))
for name, value in [("garbage", "@@@"), ("empty", ""),
                    ("no-quotes", "{opaque}"), ("no-comma", '"a" {etag}')]:
    cond(f"none-match-{name}", "9110 8.8.3", CHOICE,
         f"If-None-Match that is no list of tags ({name}) is ignored.",
         fetch("/hello.txt", f"If-None-Match: {value}", body=HELLO))
cond("none-match-lines", "9110 5.3", MUST,
     "Several lines of If-None-Match are one list.",
     unmodified('If-None-Match: "a"', "If-None-Match: {etag}",
                'If-None-Match: "b"'))
cond("none-match-first-line", "9110 5.3", MUST,
     "Several lines of If-None-Match are one list, its first line too.",
     unmodified("If-None-Match: {etag}", 'If-None-Match: "a"'))
cond("none-match-head", "9110 13.1.2", MUST,
     "If-None-Match is heeded by HEAD.",
     unmodified("If-None-Match: {etag}", method="HEAD"))
cond("none-match-index", "9110 13.1.2", MUST,
     "If-None-Match is heeded for a folder's index.",
     fetch("/folder/", "If-None-Match: {etag}", status=304, kept=True))
cond("none-match-empty-file", "9110 13.1.2", MUST,
     "If-None-Match is heeded for a file of no bytes.",
     fetch("/empty.txt", "If-None-Match: {etag}", status=304, kept=True))
for name, value, what in [
    ("equal", EQUAL, "the same second"), ("newer", NEWER, "a second later"),
    ("850", "Sunday, 06-Nov-94 08:49:37 GMT", "RFC 850's format"),
    ("asctime", "Sun Nov  6 08:49:37 1994", "asctime's format"),
    ("asctime-zero", "Sun Nov 06 08:49:37 1994", "asctime with two digits"),
    ("learned", "{modified}", "what the server said"),
    ("9999", "Fri, 31 Dec 9999 23:59:59 GMT", "the year 9999"),
    ("2038", "Tue, 19 Jan 2038 03:14:08 GMT", "past 2^31 seconds"),
    ("leap-second", "Sat, 31 Dec 2016 23:59:60 GMT", "a leap second"),
    ("leap-day", "Tue, 29 Feb 2000 00:00:00 GMT", "a leap day"),
]:
    cond(f"since-{name}", "9110 13.1.3", SHOULD if name in (
        "equal", "newer", "learned") else MUST if name in (
            "850", "asctime", "asctime-zero")
        else SHOULD,
        f"If-Modified-Since not before Last-Modified ({what}) is answered"
        " 304.", unmodified(f"If-Modified-Since: {value}"))
for name, value, what in [
    ("older", OLDER, "a second before"), ("epoch", NEVER, "1970"),
    ("850-older", "Sunday, 06-Nov-94 08:49:36 GMT", "RFC 850's format"),
    ("asctime-older", "Sun Nov  6 08:49:36 1994", "asctime's format"),
    ("year-1", "Mon, 01 Jan 0001 00:00:00 GMT", "the year 1"),
    ("1969", "Wed, 31 Dec 1969 23:59:59 GMT", "before 1970"),
]:
    cond(f"since-{name}", "9110 13.1.3", MUST,
         f"If-Modified-Since before Last-Modified ({what}) is answered 200.",
         fetch("/hello.txt", f"If-Modified-Since: {value}", body=HELLO,
               kept=True))
for name, value, what in [
    ("empty", "", "empty"), ("words", "yesterday", "a word"),
    ("number", "4102444800", "a number"),
    ("no-zone", "Sun, 06 Nov 2033 08:49:37", "no zone"),
    ("other-zone", "Sun, 06 Nov 2033 08:49:37 CET", "another zone"),
    ("offset", "Sun, 06 Nov 2033 08:49:37 +0000", "an offset"),
    ("no-day", "Sun, 31 Feb 2033 08:49:37 GMT", "31 February"),
    ("no-month", "Sun, 06 Foo 2033 08:49:37 GMT", "no month"),
    ("no-hour", "Sun, 06 Nov 2033 24:49:37 GMT", "hour 24"),
    ("no-minute", "Sun, 06 Nov 2033 08:60:37 GMT", "minute 60"),
    ("no-second", "Sun, 06 Nov 2033 08:49:61 GMT", "second 61"),
    ("day-0", "Sun, 00 Nov 2033 08:49:37 GMT", "day 0"),
    ("five-digits", "Sun, 06 Nov 20333 08:49:37 GMT", "a year of 5 digits"),
    ("negative", "Sun, 06 Nov -033 08:49:37 GMT", "a negative year"),
    ("list", f"{EQUAL}, {EQUAL}", "two dates in a line"),
    ("quoted", f'"{EQUAL}"', "quotes"), ("tail", EQUAL + " x", "a tail"),
    ("iso", "2033-11-06T08:49:37Z", "ISO 8601"),
]:
    cond(f"since-bad-{name}", "9110 13.1.3", MUST,
         f"If-Modified-Since that is no valid date ({what}) is ignored.",
         fetch("/hello.txt", f"If-Modified-Since: {value}", body=HELLO))
cond("since-twice", "9110 13.1.3", MUST,
     "If-Modified-Since given twice is ignored.",
     fetch("/hello.txt", f"If-Modified-Since: {NEWER}",
           f"If-Modified-Since: {NEWER}", body=HELLO))
cond("since-850-past", "9110 5.6.7", MUST,
     "A year of two digits more than 50 years ahead is in the past.",
     lambda at: fetch("/hello.txt", "If-Modified-Since: " + _ahead(),
                      body=HELLO)(at))


def _ahead():
    """A date of RFC 850 that is past and before MTIME: 60 years ahead."""
    year = time.gmtime().tm_year + 51
    while year - 100 >= time.gmtime(MTIME).tm_year:
        year += 1   # from 2043 on no such year is left
    return f"Sunday, 06-Nov-{year % 100:02} 08:49:37 GMT"


cond("since-head", "9110 13.1.3", SHOULD,
     "If-Modified-Since is heeded by HEAD.",
     unmodified(f"If-Modified-Since: {EQUAL}", method="HEAD"))
for name, fields, what in [
    ("equal", ["If-Match: {strong}"], "the tag"),
    ("star", ["If-Match: *"], "*"),
    ("list", ['If-Match: "a", {strong}'], "a list"),
    ("lines", ['If-Match: "a"', "If-Match: {strong}"], "several lines"),
]:
    cond(f"match-{name}", "9110 13.1.1", MUST,
         f"If-Match that matches ({what}) lets the request pass.",
         fetch("/hello.txt", *fields, body=HELLO))
for name, fields, what in [
    ("other", ['If-Match: "other"'], "another tag"),
    ("weak", ["If-Match: W/{strong}"], "weak: the comparison is strong"),
    ("star-quoted", ['If-Match: "*"'], "a tag of one asterisk"),
    ("list", ['If-Match: "a", "b"'], "a list of others"),
    ("lines", ['If-Match: "a"', 'If-Match: "b"'], "several lines"),
]:
    cond(f"match-not-{name}", "9110 13.1.1", MUST,
         f"If-Match that does not match ({what}) is answered 412.",
         fetch("/hello.txt", *fields, status=412, kept=None))
for name, value, status, what in [
    ("equal", EQUAL, 200, "the same second"),
    ("newer", NEWER, 200, "later"), ("older", OLDER, 412, "before"),
    ("850", "Sunday, 06-Nov-94 08:49:36 GMT", 412, "RFC 850's format"),
    ("asctime", "Sun Nov  6 08:49:36 1994", 412, "asctime's format"),
    ("words", "yesterday", 200, "no date: ignored"),
    ("9999", "Fri, 31 Dec 9999 23:59:59 GMT", 200, "the year 9999"),
    ("year-1", "Mon, 01 Jan 0001 00:00:00 GMT", 412, "the year 1"),
    ("leap-second", "Sun, 30 Jun 1996 23:59:60 GMT", 200, "a leap second"),
]:
    cond(f"unmodified-{name}", "9110 13.1.4", MUST,
         f"If-Unmodified-Since: {what} is answered {status}.",
         fetch("/hello.txt", f"If-Unmodified-Since: {value}", status=status))
cond("unmodified-twice", "9110 13.1.4", MUST,
     "If-Unmodified-Since given twice is ignored.",
     fetch("/hello.txt", f"If-Unmodified-Since: {NEVER}",
           f"If-Unmodified-Since: {NEVER}", body=HELLO))
for name, fields, status, what in [
    ("none-match-wins-304", ["If-None-Match: {etag}",
                             f"If-Modified-Since: {NEVER}"], 304,
     "If-None-Match before If-Modified-Since, matching"),
    ("none-match-wins-200", ['If-None-Match: "x"',
                             f"If-Modified-Since: {NEWER}"], 200,
     "If-None-Match before If-Modified-Since, not matching"),
    ("match-wins-200", ["If-Match: *", f"If-Unmodified-Since: {NEVER}"], 200,
     "If-Match before If-Unmodified-Since, matching"),
    ("match-wins-412", ['If-Match: "x"', f"If-Unmodified-Since: {NEWER}"],
     412, "If-Match before If-Unmodified-Since, not matching"),
    ("412-first", ['If-Match: "x"', "If-None-Match: {etag}"], 412,
     "If-Match before If-None-Match"),
    ("412-date-first", [f"If-Unmodified-Since: {NEVER}",
                        "If-None-Match: {etag}"], 412,
     "If-Unmodified-Since before If-None-Match"),
    ("412-range", ['If-Match: "x"', "Range: bytes=0-1"], 412,
     "If-Match before Range"),
    ("304-range", ["If-None-Match: {etag}", "Range: bytes=0-1"], 304,
     "If-None-Match before Range"),
    ("304-bad-range", ["If-None-Match: {etag}", "Range: bytes=999-"], 304,
     "If-None-Match before a Range that cannot be satisfied"),
    ("both-pass", ["If-Match: *", "If-None-Match: {etag}"], 304,
     "a passed If-Match goes on to If-None-Match"),
    ("order-of-lines", ["If-None-Match: {etag}", 'If-Match: "x"'], 412,
     "the order of the lines is none"),
]:
    cond(f"order-{name}", "9110 13.2.2", MUST,
         f"Preconditions are evaluated in their order: {what}.",
         fetch("/hello.txt", *fields, status=status))
for name, path, method, status, what in [
    ("404", "/missing", "GET", 404, "404"),
    ("redirect", "/folder", "GET", (301, 308), "a redirect"),
    ("405", "/hello.txt", "DELETE", (405, 501), "405"),
]:
    cond(f"not-{name}", "9110 13.2.1", MUST,
         f"Preconditions are ignored where the answer is {what} without.",
         fetch(path, 'If-Match: "x"', "If-None-Match: *",
               f"If-Modified-Since: {NEWER}", method=method, status=status))
cond("options", "9110 13.2.1", MUST,
     "Preconditions are ignored for OPTIONS.",
     fetch("/hello.txt", 'If-Match: "x"', method="OPTIONS",
           status=(200, 204, 405)))
cond("304-no-content-fields", "9110 15.4.5", SHOULD,
     "A 304 has no fields of content beyond those that a cache needs.",
     fetch("/hello.txt", "If-None-Match: {etag}", status=304,
           checks=[lacks("content-type"), lacks("content-encoding"),
                   lacks("content-length")]))
cond("1-0", "9110 13.1.3", MUST, "HTTP/1.0 gets a 304 too.",
     fetch("/hello.txt", "If-None-Match: {etag}", version="1.0", status=304,
           kept=False))
