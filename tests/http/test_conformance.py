"""The table of conformance/ against this server: a test for each case, and
tests of the table itself."""

import concurrent.futures
import re
import socket
import threading

import pytest

from conformance import report
from conformance.case import At
from conformance.cases import CASES, KNOWN, TABLE
from conformance.folder import SECRET, fill


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    return fill(tmp_path_factory.mktemp("conformance"))


def params():
    for case in CASES:
        marks = [pytest.mark.xfail(reason=KNOWN[case.id], strict=True)] \
            if case.id in KNOWN else []
        yield pytest.param(case, id=case.id, marks=marks)


@pytest.mark.parametrize("case", params())
def test_case(shared, filled, case):
    server = shared.of("conformance" + case.needs, filled,
                       **report.options(case.needs, filled))
    fault = case.fault(At(server.port, deadline=15))
    server.assert_alive()
    assert not fault, f"RFC {case.section}, {case.level}: {case.text} {fault}"


def test_split_sends_change_nothing(shared, filled):
    """The same bytes in four pieces: the same answers."""
    faults = {}
    for case in CASES:
        server = shared.of("conformance" + case.needs, filled,
                           **report.options(case.needs, filled))
        faults[case.id] = case.fault(At(server.port, deadline=15, pieces=4))
    assert {i for i, f in faults.items() if f} == set(KNOWN), faults


class Parrot:
    """A server that says the same to whatever comes: what passes with it
    whatever it says is no test."""

    def __init__(self, answer):
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,),
                             daemon=True).start()

    def serve(self, peer):
        closes = b"Connection: close" in self.answer
        with peer:
            try:
                while peer.recv(65536):
                    peer.sendall(self.answer)
                    if closes:
                        peer.shutdown(socket.SHUT_WR)
            except OSError:
                pass


HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nhello, world\n"


@pytest.fixture(scope="module")
def parrots():
    parrots = [
        Parrot(HELLO), Parrot(b"HTTP/1.1 100 Continue\r\n\r\n" + HELLO),
        Parrot(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"
               b"Content-Length: 4\r\n\r\nbad\n"),
        Parrot(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nother\n"),
        Parrot(b"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n"),
        Parrot(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"
               % (len(SECRET), SECRET)),
    ]
    yield parrots
    for p in parrots:
        p.listener.close()


def test_each_case_can_fail(parrots):
    def failed(case):
        return any(case.fault(At(p.port, deadline=0.3)) for p in parrots)

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        results = list(pool.map(failed, TABLE))
    assert [c.id for c, fails in zip(TABLE, results) if not fails] == []


def test_the_table_is_well_formed():
    for case in TABLE:
        assert re.fullmatch(r"[0-9]{4} [0-9]+(\.[0-9]+)*", case.section), case
        assert case.text.endswith(".") and "|" not in case.text, case.text


def test_the_committed_report_names_these_cases():
    """`make conformance` writes it anew."""
    text = report.PATH.read_text()
    assert re.findall(r"^\| `([^`]+)`", text, re.M) == [c.id for c in CASES]
    for case in CASES:
        assert report.row(case, "").rsplit("|", 2)[0] in text, case.id
