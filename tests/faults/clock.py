"""The clock of the day jumps (libfaketime); deadlines go by another."""

import glob
import time

from harness import (Client, Load, NotHere, Response, fault, folder,
                     need_plain, request, serving)
from raw import parse_date

JUMPS = [("+400d", 400 * 86400), ("-400d", -400 * 86400), ("+1h", 3600),
         ("-1h", -3600), ("+0", 0)]


class AnyDate(Response):
    def check(self, method):
        return self


def library():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found:
        raise NotHere("libfaketime is not installed")
    return found[0]


def asked(port):
    """(the Date of an answer, its difference to that of the file)"""
    with Client(port) as c:
        c.response = AnyDate
        r = c.ask("/hello.txt", "Connection: close")
        assert (r.status, r.text) == (200, "hello, world\n"), r.head
        return parse_date(r.get("date"))


def jump(rc, text):
    new = rc.with_suffix(".new")
    new.write_text(text + "\n")
    new.rename(rc)
    time.sleep(0.1)


@fault("libfaketime: 400 days and an hour on and back, with heads, bodies and "
       "kept connections open", "no deadline fires, Date is right within 2 s",
       short=True)
def clock_jumps():
    need_plain()
    so = library()
    with folder() as top:
        rc = top / "faketime"
        jump(rc, "+0")
        # the library reads its file again and again
        with serving(top, config={"timeouts_header": "30s",
                                  "sandbox_mode": "off"}, env={
                "LD_PRELOAD": so, "FAKETIME_TIMESTAMP_FILE": str(rc),
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1"}) as s:
            idle, half, body = (s.client() for _ in range(3))
            idle.response = half.response = body.response = AnyDate
            idle.ask("/hello.txt")
            half.send(b"GET /hello.txt HTTP/1.1\r\nHo")
            body.send(request("/", "Content-Length: 10", method="POST")
                      + b"12345")
            time.sleep(0.1)
            worst = 0.0
            for text, seconds in JUMPS:
                jump(rc, text)
                off = abs(asked(s.port) - (time.time() + seconds))
                assert off < 2, f"{text}: Date is off by {off:.1f} s"
                worst = max(worst, off)
                idle.assert_open(0.2)
                half.assert_open(0.2)
            assert idle.ask("/hello.txt").status == 200
            half.send(b"st: localhost\r\n\r\n")
            assert half.read().status == 200
            body.send(b"67890")
            assert body.read("POST").status == 405
            for c in (idle, half, body):
                c.close()
            s.stop()
    return f"{len(JUMPS)} jumps, Date off by {worst:.1f} s at most"
