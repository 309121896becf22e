"""The laboratory: a page of this server sees raw HTTP through it.
GET /.httpconsole/exchange?send=BASE64URL&send=...
"""

import base64
import json
import re
import threading
import time

import pytest

from conftest import eventually
from raw import DEADLINE, request

PATH = "/.httpconsole/exchange"


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def query(*sends):
    return PATH + "?" + "&".join("send=" + encode(s) for s in sends)


def ask(server, *sends, fields=(), **more):
    """The parsed transcript, bytes decoded."""
    r = server.get(query(*sends), *fields, **more)
    assert r.status == 200, r.text
    assert r.get("content-type").startswith("application/json")
    assert r.get("cache-control") == "no-store"
    found = json.loads(r.body)
    for step in found["steps"]:
        step["sent"] = base64.b64decode(step["sent"], validate=True)
        step["received"] = base64.b64decode(step["received"], validate=True)
        assert len(step["received"]) <= step["received_bytes"]
        assert step["ms"] >= 0
        assert step["outcome"] in ("response", "closed", "timeout", "refused")
    assert len(found["steps"]) == len(sends)
    return found


def status_of(step):
    match = re.match(rb"HTTP/1\.1 (\d{3}) ", step["received"])
    return match and int(match[1])


def test_the_transcript_is_what_travelled(server):
    data = request("/hello.txt", "X-Raw: \xe4")
    found = ask(server, data)
    (step,) = found["steps"]
    assert step["sent"] == data
    assert step["received"].endswith(b"\r\n\r\nhello, world\n")
    assert step["received_bytes"] == len(step["received"])
    assert step["outcome"] == "response"
    assert found["closed"] is False
    assert found["server"].endswith(f":{server.port}")
    assert re.fullmatch(r"127\.0\.0\.1:\d+", found["client"])


def test_steps_share_one_connection(start):
    s = start()
    found = ask(s, *[request(f"/step{i}") for i in range(8)])
    assert [status_of(x) for x in found["steps"]] == [404] * 8
    s.wait_logged(PATH)
    s.stop()
    conns = {re.search(r"conn=(\d+)", line)[1]
             for line in s.log if "/step" in line}
    assert len(conns) == 1
    assert conns != {re.search(r"conn=(\d+)", line)[1]
                     for line in s.log if PATH in line}


def test_a_close_is_seen_and_later_steps_are_refused(server):
    found = ask(server, request("/n1.txt"),
                request("/n2.txt", "Connection: close"), request("/n3.txt"))
    outcomes = [step["outcome"] for step in found["steps"]]
    assert outcomes == ["response", "closed", "refused"]
    assert found["closed"] is True
    assert b"number 2" in found["steps"][1]["received"]
    assert found["steps"][2]["received_bytes"] == 0


@pytest.mark.parametrize("data, status, outcome", [
    (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400, "closed"),
    (b"nonsense\r\n\r\n", 400, "closed"),
    (request("/", host=None), 400, None),
    (request("/", version="1.0"), 200, "closed"),
    (request("/hello.txt", method="DELETE"), 405, "response"),
    (request("/", method="BREW"), 501, "response"),
    (request("/", host="evil.example"), 421, "response"),
    (request("/", version="2.0"), 505, "closed"),
    (request("/hello.txt", method="HEAD"), 200, "response"),
    (request("/hello.txt", "If-None-Match: *"), 304, "response"),
    (request("/", method="OPTIONS"), 204, "response"),
    (request("/empty.txt"), 200, "response"),
    (request("/folder"), 301, "response"),
    (request("/", "Content-Length: 5", method="POST", body=b"hello"), 405,
     "response"),
    (request("/", "Content-Length: 1", "Transfer-Encoding: chunked"), 400,
     "closed"),
])
def test_what_no_browser_can_send(server, data, status, outcome):
    (step,) = ask(server, data)["steps"]
    assert status_of(step) == status
    assert outcome in (None, step["outcome"])


def test_head_and_304_do_not_wait_for_content(server):
    began = time.monotonic()
    found = ask(server, request("/n1.txt", method="HEAD"),
                request("/n2.txt", "If-None-Match: *"), request("/n3.txt"))
    assert [s["outcome"] for s in found["steps"]] == ["response"] * 3
    assert b"number 3" in found["steps"][2]["received"]
    assert time.monotonic() - began < 1.9, "waited for its deadline"


def test_a_big_answer_is_kept_in_part_and_counted_whole(server):
    found = ask(server, request("/size/1048577.bin"), request("/n1.txt"))
    big, small = found["steps"]
    assert 1048577 < big["received_bytes"] < 1048577 + 2000
    assert 0 < len(big["received"]) <= 4096
    assert big["outcome"] == "response"
    assert status_of(small) == 200


def test_eight_big_answers_fit_a_transcript(server):
    found = ask(server, *[request("/size/16384.bin")] * 8)
    for step in found["steps"]:
        assert step["outcome"] == "response"
        assert step["received_bytes"] > 16384


def test_the_largest_transcript(server):
    """Eight long requests with eight long answers."""
    bare = request("/size/16384.bin", "X: ")
    send = request("/size/16384.bin", "X: " + "x" * (375 - len(bare)))
    assert len(send) == 375
    found = ask(server, *[send] * 8)
    assert sum(len(step["sent"]) for step in found["steps"]) > 2900
    assert sum(len(step["received"]) for step in found["steps"]) > 6000


def test_content_behind_its_request_is_never_a_request(server):
    """RFC 9112 9.3: with Expect the content is not waited for, so whatever
    follows must not be answered as a request of its own."""
    body = request("/smuggled")
    for fields in (["Expect: 100-continue", f"Content-Length: {len(body)}"],
                   [f"Content-Length: {len(body)}"]):
        with server.client() as c:
            c.send(request(query(request("/n1.txt")), *fields, body=body))
            r = c.read()
            assert r.status == 200
            c.finish()
            assert c.rest() == b""


def test_chunked_content_behind_its_request_is_no_request(server):
    with server.client() as c:
        c.send(request(query(request("/n1.txt")), "Expect: 100-continue",
                       "Transfer-Encoding: chunked",
                       body=b"0\r\n\r\n" + request("/n2.txt")))
        r = c.read()
        if r.closes:
            c.finish()
            c.assert_ends()
        else:
            assert "number 2" in c.read().text


def test_an_incomplete_request_ends_by_timeout(server):
    found = ask(server, b"GET / HTTP/1.1\r\n")
    (step,) = found["steps"]
    assert (step["outcome"], step["received_bytes"]) == ("timeout", 0)
    assert server.get("/hello.txt").status == 200


def test_the_answer_to_head(server):
    with server.client() as c:
        r = c.ask(query(request("/hello.txt")), method="HEAD")
        assert r.status in (200, 405)
        c.assert_open()
        assert c.ask("/hello.txt").status == 200


def test_the_connection_of_the_page_is_kept_and_closed_as_asked(server):
    with server.client() as c:
        for _ in range(3):
            assert c.ask(query(request("/n1.txt"))).status == 200
        assert c.ask("/hello.txt").status == 200
        r = c.ask(query(request("/n1.txt")), "Connection: close")
        assert r.closes
        c.assert_ends()


def test_pipelined_behind_the_laboratory(server):
    with server.client() as c:
        c.send((request(query(request("/n1.txt"))) + request("/n2.txt")) * 5)
        for _ in range(5):
            assert json.loads(c.read().body)["steps"]
            assert "number 2" in c.read().text


# ------------------------------------------------------------- who may ask

def origin_fields(server, *templates):
    return [t.replace("{port}", str(server.port)) for t in templates]


@pytest.mark.parametrize("fields", [
    [], ["Origin: http://127.0.0.1:{port}"], ["Sec-Fetch-Site: same-origin"],
    ["Sec-Fetch-Site: none"],
    ["Origin: http://127.0.0.1:{port}", "Sec-Fetch-Site: same-origin"],
])
def test_pages_of_this_server_may_ask(server, fields):
    ask(server, request("/hello.txt"),
        fields=origin_fields(server, *fields),
        host=f"127.0.0.1:{server.port}")


@pytest.mark.parametrize("fields", [
    ["Origin: http://evil.example"], ["Origin: null"], ["Origin:"],
    ["Origin: https://127.0.0.1:{port}"], ["Origin: http://127.0.0.1"],
    ["Origin: http://127.0.0.1:1"], ["Origin: http://localhost:{port}"],
    ["Origin: http://127.0.0.1:{port}.evil.example"],
    ["Origin: http://127.0.0.1:{port}/"], ["Origin: 127.0.0.1:{port}"],
    ["Origin: http://127.0.0.1:{port}0"],
    ["Origin: http://127.0.0.1:{port} http://evil.example"],
    ["Origin: http://127.0.0.1:{port}", "Origin: http://evil.example"],
    ["Origin: http://evil.example", "Origin: http://127.0.0.1:{port}"],
    ["Sec-Fetch-Site: cross-site"], ["Sec-Fetch-Site: same-site"],
    ["Sec-Fetch-Site: Cross-Site"], ["Sec-Fetch-Site: x"],
    ["Sec-Fetch-Site:"],
    ["Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"],
    ["Sec-Fetch-Site: same-origin", "Origin: http://evil.example"],
    ["Origin: http://127.0.0.1:{port}", "Sec-Fetch-Site: cross-site"],
])
def test_pages_elsewhere_are_refused(server, fields):
    """A page of another site must neither read nor cause an exchange."""
    mark = f"/never{abs(hash(tuple(fields)))}"
    r = server.get(query(request(mark)), *origin_fields(server, *fields),
                   host=f"127.0.0.1:{server.port}")
    assert r.status == 403
    assert "steps" not in r.text
    assert r.get("access-control-allow-origin") is None
    server.get(mark + "after")
    server.wait_logged(mark + "after")
    assert not [s for s in server.log if f"GET {mark} " in s]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "a.b"])
def test_foreign_hosts_are_misdirected(server, host):
    """DNS rebinding."""
    r = server.get(query(request()), f"Origin: http://{host}",
                   "Sec-Fetch-Site: same-origin", host=host)
    assert r.status == 421


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PROPFIND"])
def test_only_get(server, method):
    assert server.get(query(request()), method=method).status == 405


def test_off_by_configuration(shared, site):
    s = shared.of("nolab", site, lab="false")
    for target in (query(request()), PATH):
        assert s.get(target).status == 404


@pytest.mark.parametrize("target", [
    "/.httpconsole/", "/.httpconsole", "/.httpconsole/exchange/",
    "/.httpconsole/exchangex?send=R0VU", "/.httpconsole/x",
    "/%2ehttpconsole/exchange?send=R0VU", "/x/../.httpconsole/exchange",
    "//.httpconsole/exchange?send=R0VU",
])
def test_there_is_nothing_beside_it(server, target):
    r = server.get(target)
    assert r.status == 404


# --------------------------------------------------------- hostile queries

BAD_QUERIES = [
    "", "?", "?&", "?send", "?=", "?x=1", "?send=R0VU&x=1", "?x=1&send=R0VU",
    "?send=!", "?send=R0VU=", "?send=R0V%55", "?send=R", "?send=R0VUR",
    "?send=R0+U", "?send=R0/U", "?send=R0VU,R0VU", "?Send=R0VU",
    "?send=R0VU;send=R0VU", "?send=R0VU&&send=R0VU",
    "?" + "&".join(["send=R0VU"] * 9), "?" + "&".join(["send="] * 1300),
    "?send=" + "A" * 7000, "?send=" + "A" * 2000 + "&send=" + "A" * 2500,
    "?send=R0VU?send=R0VU", "?send==", "?send=====", "?send=R0VU\\",
    "?send=%00", "?send=R0VU'\"<script>",
]


@pytest.mark.parametrize("tail", BAD_QUERIES, ids=lambda t: t[:24] or "none")
def test_bad_queries_are_400(server, tail):
    with server.client() as c:
        r = c.ask(PATH + tail)
        assert r.status == 400, r.text
        assert r.get("content-type").startswith("application/json")
        json.loads(r.body)
        assert c.ask("/hello.txt").status == 200, "a bad query ends nothing"


def test_odd_queries_end_in_time(server):
    """All at once, because some wait for their timeout."""
    clients = []
    for tail in ("?send=", "?send=&send=R0VU", "?send=R0VU&", "?send=R1"):
        clients.append(server.client())
        clients[-1].send(request(PATH + tail))
    for c in clients:
        r = c.read()
        assert r.status in (200, 400, 503)
        json.loads(r.body)
        c.close()


def test_the_longest_query(server):
    data = b"GET /n1.txt HTTP/1.1\r\nHost: localhost\r\nX: "
    data += b"x" * (2990 - len(data)) + b"\r\n\r\n"
    (step,) = ask(server, data)["steps"]
    assert step["sent"] == data and status_of(step) == 200


def test_a_laboratory_within_a_laboratory_ends(server):
    """It asks itself, which asks itself: bounded places, bounded time."""
    inner = request("/hello.txt")
    for _ in range(4):
        inner = request(query(inner))
    began = time.monotonic()
    (step,) = ask(server, inner)["steps"]
    assert step["outcome"] in ("response", "timeout")
    assert time.monotonic() - began < DEADLINE / 2
    assert server.get("/hello.txt").status == 200


def test_more_at_a_time_than_there_are_places(server):
    """Each is answered, by a transcript or 503; nobody waits for ever."""
    clients = [server.client() for _ in range(40)]
    for c in clients:
        c.send(request(query(b"GET / HT")))  # waits for its timeout
    statuses = []
    for c in clients:
        statuses.append(c.read().status)
        # whoever was answered goes on
        assert c.ask("/hello.txt").status == 200
        c.close()
    assert set(statuses) <= {200, 503}
    assert statuses.count(200) >= 4
    ask(server, request("/hello.txt"))


def test_others_are_served_while_it_waits(server):
    with server.client() as c:
        c.send(request(query(b"GET / HT")))
        for _ in range(10):
            assert server.get("/hello.txt").status == 200
        assert c.read().status == 200


def test_a_page_that_leaves_gives_its_place_back(server):
    before = eventually(server.descriptors)
    for leave in ("finish", "reset", "close") * 4:
        c = server.client()
        c.send(request(query(b"GET / HT")))
        getattr(c, leave)()
        c.close()
    eventually(lambda: server.descriptors() <= before)
    eventually(lambda: server.get(query(request("/hello.txt"))).status == 200)


def test_concurrent_transcripts_do_not_mix(server):
    wrong = []

    def work(i):
        try:
            for _ in range(5):
                while True:
                    r = server.get(query(request(f"/n{i}.txt"),
                                         request(f"/n{i}.txt")))
                    if r.status == 200:
                        break
                    assert r.status == 503
                for step in json.loads(r.body)["steps"]:
                    text = base64.b64decode(step["received"])
                    assert b"this is number %d\n" % i in text
        except BaseException as e:  # shown by the main thread
            wrong.append(e)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(DEADLINE)
    assert not wrong


def test_a_drain_does_not_wait_for_it_for_ever(start):
    s = start()
    with s.client() as c:
        c.send(request(query(b"GET / HT")))
        time.sleep(0.1)
        s.stop()
        answer = c.rest()
        assert answer == b"" or answer.startswith(b"HTTP/1.1 ")


@pytest.mark.parametrize("data", [
    b"\x00" * 3000, b"\r\n" * 1500, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 400,
    b"HEAD /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3,
    request("/size/3000001.bin") * 20, request("/n1.txt") * 50,
])
def test_floods_end(server, data):
    r = server.get(query(data[:3000]))
    assert r.status == 200
    assert server.get("/hello.txt").status == 200
