"""python3-h11 as a server.  In and out as node_engine.js."""

import base64
import json
import sys

import h11


def answer(conn):
    conn.send(h11.Response(status_code=404, headers=[("Content-Length", "0")]))
    conn.send(h11.EndOfMessage())


def parse(data):
    conn = h11.Connection(h11.SERVER, max_incomplete_event_size=65536)
    conn.receive_data(data)
    entries, request, length = [], None, 0
    try:
        while True:
            event = conn.next_event()
            if event is h11.NEED_DATA:
                idle = conn.their_state is h11.IDLE
                whole = idle and not conn.trailing_data[0]
                return entries, "idle" if whole else "waits"
            if event is h11.PAUSED:
                return entries, "closed"
            if isinstance(event, h11.Request):
                request, length = event, 0
            elif isinstance(event, h11.Data):
                length += len(event.data)
            elif isinstance(event, h11.EndOfMessage):
                entries.append([request.method.decode("latin-1"),
                                request.target.decode("latin-1"), length, True])
                answer(conn)
                if conn.our_state is not h11.DONE \
                        or conn.their_state is not h11.DONE:
                    return entries, "closed"
                conn.start_next_cycle()
    except h11.RemoteProtocolError:
        return entries, "refused"


for line in sys.stdin:
    framed, end = parse(base64.b64decode(line))
    print(json.dumps({"entries": framed, "end": end}))
