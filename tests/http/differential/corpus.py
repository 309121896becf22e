"""Requests that parsers have read differently, and mutations of them.

Everything is deterministic: the same list in the same order at each run.  Most
end in a second request, AFTER, by which it is seen where the first one ended.
"""

import random

SEED = 9112
HOST = b"Host: localhost\r\n"
AFTER = b"GET /after HTTP/1.1\r\n" + HOST + b"\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\n" + HOST + b"\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
OCTETS = [0x00, 0x01, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1b, 0x1f,
          0x20, 0x22, 0x23, 0x25, 0x28, 0x2c, 0x3a, 0x3b, 0x5c, 0x7b, 0x7f,
          0x80, 0x85, 0xa0, 0xff]


def post(fields, content=b"", line=b"POST /first HTTP/1.1\r\n", after=AFTER):
    return line + HOST + fields + b"\r\n" + content + after


def get(fields=b"", line=b"GET /first HTTP/1.1\r\n", host=HOST):
    return line + host + fields + b"\r\n" + AFTER


def chunks(content, fields=CHUNKED):
    return post(fields, content)


def valid():
    for method in (b"GET", b"HEAD", b"OPTIONS", b"POST", b"PUT", b"DELETE"):
        yield get(line=method + b" /first HTTP/1.1\r\n")
        yield get(line=method + b" /first?a=b&c HTTP/1.0\r\n")
    for target in (b"/", b"/a%20b", b"/a/../b", b"//x", b"/?", b"/a;b=c",
                   b"http://localhost/x", b"http://localhost", b"*",
                   b"/" + b"a" * 3000):
        yield get(line=b"GET " + target + b" HTTP/1.1\r\n")
    yield get(line=b"OPTIONS * HTTP/1.1\r\n")
    for field in (b"Accept: */*", b"Accept:*/*", b"Accept: \t */* \t", b"X:",
                  b"X: ", b"x-y_z!#$%&'*+.^`|~: v", b"X: \"q;,\"",
                  b"X: caf\xe9", b"Connection: keep-alive",
                  b"Connection: close", b"Connection: Close, x",
                  b"Expect: 100-continue", b"Content-Length: 0",
                  b"Upgrade: h2c\r\nConnection: Upgrade"):
        yield get(field + b"\r\n")
    for n in (1, 2, 10, 100, 1000):
        yield post(b"Content-Length: %d\r\n" % n, b"x" * n)
        yield chunks(b"%x\r\n" % n + b"y" * n + b"\r\n0\r\n\r\n")
    yield get(b"Connection: keep-alive\r\n", b"GET /first HTTP/1.0\r\n")
    yield AFTER * 5
    yield post(b"Content-Length: 5\r\n", b"hello", after=b"") * 3 + AFTER
    yield post(CHUNKED, b"0\r\n\r\n", after=b"") * 3 + AFTER


def content_length():
    for value in (b"+5", b"-5", b"5 ", b" 5", b"\t5", b"05", b"0005", b"5.0",
                  b"5,5", b"5, 5", b"5,6", b"5,", b",5", b"5;x", b"0x5",
                  b"5 5", b"5\x0b", b"\x0b5", b"5\x00", b"5\xa0", b"", b" ",
                  b"five", b"5e0", b"1_0", b"\"5\"", b"5\r", b"\r5",
                  b"18446744073709551621", b"4294967301", b"9" * 40,
                  b"9223372036854775808", b"-0", b"+0", b"00", b"0,0",
                  b"\xef\xbc\x95", b"5\r\n ", b"\r\n 5", b"5\x0c", b"5#"):
        yield post(b"Content-Length: " + value + b"\r\n", b"hello")
        yield post(b"Content-Length:" + value + b"\r\n", HIDDEN)
    for name in (b"Content-Length ", b"Content-Length\t", b" Content-Length",
                 b"\tContent-Length", b"Content_Length", b"CONTENT-LENGTH",
                 b"Content-Length\x00", b"\x00Content-Length",
                 b"Content-Length\x0b", b"Content-\rLength", b"Content Length",
                 b"Content-Length\xa0", b"Content-Length\r", b"\xffContent-Length",
                 b"X\rContent-Length", b"Content-Length\r\n ",
                 b"X: y\nContent-Length", b"X: y\rContent-Length"):
        yield post(name + b": 5\r\n", b"hello")
        yield post(name + b": %d\r\n" % len(HIDDEN), HIDDEN)
    for first, second in ((5, 5), (5, 6), (6, 5), (0, 5), (5, 0)):
        yield post(b"Content-Length: %d\r\nContent-Length: %d\r\n"
                   % (first, second), b"hello")
        yield post(b"Content-Length: %d\r\nX: y\r\ncontent-length: %d\r\n"
                   % (first, second), b"hello")
    yield get(b"Content-Length: %d\r\n" % len(HIDDEN)).replace(
        AFTER, HIDDEN + AFTER)
    yield post(b"Content-Length: 6\r\n", b"hello")
    yield post(b"Content-Length: 4\r\n", b"hello")
    yield post(b"Content-Length: 5\r\n", b"hello\r\n")
    yield post(b"Content-Length: 5\r\n", b"hello", b"POST /first HTTP/1.0\r\n")


def transfer_encoding():
    end = b"0\r\n\r\n"
    for value in (b"chunked", b"Chunked", b"CHUNKED", b" chunked ", b"\tchunked",
                  b"\x0bchunked", b"chunked\x0b", b"chunked\x00", b"\x00chunked",
                  b"xchunked", b"chunkedx", b"chunked;q=1", b"chunked, chunked",
                  b"chunked,", b",chunked", b"gzip, chunked", b"chunked, gzip",
                  b"identity", b"identity, chunked", b"chunked, identity",
                  b"gzip", b"", b"\"chunked\"", b"'chunked'", b"chunked chunked",
                  b"chunk\r\n ed", b"\r\n chunked", b"\r\n\tchunked",
                  b"chunked\r", b"\rchunked", b"ch\xfcnked", b"chunked\xa0",
                  b"chunked\r\n ", b"cow", b"cow, chunked", b"chunked#",
                  b"trailers, chunked", b"chun\x00ked", b"chunKed",
                  b"chun\xe2\x84\xaaed", b"0", b"\x7fchunked"):
        yield post(b"Transfer-Encoding: " + value + b"\r\n", end)
        yield post(b"Transfer-Encoding:" + value + b"\r\n"
                   + b"Content-Length: %d\r\n" % len(end), end)
        yield post(b"Transfer-Encoding: " + value + b"\r\n", end,
                   b"POST /first HTTP/1.0\r\n")
    for name in (b"Transfer-Encoding ", b"Transfer-Encoding\t",
                 b" Transfer-Encoding", b"Transfer_Encoding",
                 b"transfer-encoding", b"Transfer-Encoding\x00",
                 b"Transfer-Encoding\x0b", b"Transfer Encoding",
                 b"Transfer-Encoding\r", b"\x00Transfer-Encoding",
                 b"X: y\nTransfer-Encoding", b"X: y\rTransfer-Encoding",
                 b"Transfer\xadEncoding", b"TE", b"Transfer-Encoding\r\n "):
        yield post(name + b": chunked\r\n", end)
        yield post(b"Content-Length: 4\r\n" + name + b": chunked\r\n",
                   b"1\r\nZ\r\n0\r\n\r\n")
        yield post(name + b": chunked\r\nContent-Length: %d\r\n"
                   % len(end + HIDDEN), end + HIDDEN)
    for first, second in ((b"chunked", b"chunked"), (b"identity", b"chunked"),
                          (b"chunked", b"identity"), (b"gzip", b"chunked"),
                          (b"chunked", b"cow"), (b"", b"chunked"),
                          (b"chunked", b"")):
        yield post(b"Transfer-Encoding: " + first + b"\r\nTransfer-Encoding: "
                   + second + b"\r\n", end)
        yield post(b"Transfer-Encoding: " + first + b"\r\nX: y\r\n"
                   + b"transfer-encoding: " + second + b"\r\n", end)
    yield get(CHUNKED).replace(AFTER, end + AFTER)
    yield get(CHUNKED + b"Connection: close\r\n").replace(AFTER, end + AFTER)


def chunk_sizes():
    for size in (b"5", b"05", b"0005", b"0" * 15 + b"5", b"0" * 16 + b"5",
                 b"0" * 300 + b"5", b"+5", b"-5", b" 5", b"5 ", b"\t5", b"5\t",
                 b"0x5", b"5h", b"5;", b"5;a", b"5;a=b", b"5;a=\"b\"",
                 b"5;a=\"\r\nb\"", b"5;a=\"b", b"5 ;a", b"5; a", b"5;a =b",
                 b"5;a= b", b"5\x0b", b"5\x00", b"5\r", b"5,5", b"5 5", b"",
                 b";a=b", b"5_", b"5.", b"5;\x00", b"5;a\nb", b"5;a\rb",
                 b"5;\x7f", b"5;\xff", b"5;=b", b"5;a=b;c=d", b"5;;", b"5;a=",
                 b"10000000000000005", b"100000005", b"fffffffffffffffb",
                 b"8000000000000005", b"g", b"5;" + b"a" * 200,
                 b"5;" + b"a" * 5000, b"5\n", b"\xef\xbc\x95"):
        yield chunks(size + b"\r\nhello\r\n0\r\n\r\n")
        yield chunks(size + b"\nhello\r\n0\r\n\r\n")
    for n in range(1, 17):
        yield chunks(b"f" * n + b"\r\n")
    for data in (b"hello\n", b"hello\r", b"hello", b"hell\r\n", b"hellox\r\n",
                 b"hello \r\n", b"hello\r\r\n", b"hello\n\r", b"hello\x00\r\n",
                 b"helloXX", b"hello\n\n"):
        yield chunks(b"5\r\n" + data + b"0\r\n\r\n")
    for last in (b"0\r\n\r\n", b"00\r\n\r\n", b"0\n\n", b"0\r\n\n", b"0\n\r\n",
                 b"0\r\r\n", b"0;a=b\r\n\r\n", b"0 \r\n\r\n", b"-0\r\n\r\n",
                 b"0\r\n", b"0\r\n\r", b"0" * 17 + b"\r\n\r\n",
                 b"0\r\nT: x\r\n\r\n", b"0\r\nT: x\n\r\n", b"0\r\nT : x\r\n\r\n",
                 b"0\r\nT\r\n\r\n", b"0\r\n x\r\n\r\n", b"0\r\nT: x\r\n y\r\n\r\n",
                 b"0\r\nT: \x00\r\n\r\n", b"0\r\nT: a\rb\r\n\r\n",
                 b"0\r\nContent-Length: 7\r\n\r\n", b"0\r\nT: caf\xe9\r\n\r\n",
                 b"0\r\nTransfer-Encoding: chunked\r\n\r\n",
                 b"0\r\nHost: other\r\n\r\n", b"0\r\n: x\r\n\r\n",
                 b"0\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n", b"0\r\n\r\n\r\n",
                 b"0\r\nGET /hidden HTTP/1.1\r\n\r\n", b"0\r\nX: \r\n\r\n"):
        yield chunks(b"5\r\nhello\r\n" + last)
    yield chunks(b"3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n")
    yield chunks(b"\r\n5\r\nhello\r\n0\r\n\r\n")


def line_ends():
    whole = get(b"A: b\r\n")
    for i in range(whole.count(b"\r\n")):
        parts = whole.split(b"\r\n")
        for end in (b"\n", b"\r", b"\r\r\n", b"\n\r", b"\r\n\n", b"\x85"):
            yield (b"\r\n".join(parts[:i + 1]) + end
                   + b"\r\n".join(parts[i + 1:]))
    yield whole.replace(b"\r\n", b"\n")
    yield whole.replace(b"\r\n", b"\r")
    for lead in (b"\r\n", b"\r\n\r\n", b"\n", b"\r", b" ", b"\t", b"\x00",
                 b"\r\n ", b"\n\n", b"\xef\xbb\xbf", b"\r\n" * 20):
        yield lead + whole
        yield AFTER + lead + whole
        yield post(b"Content-Length: 2\r\n", b"ab", after=lead + AFTER)
    for fold in (b"\r\n ", b"\r\n\t", b"\n ", b"\r ", b" \r\n ", b"\r\n \r\n "):
        yield get(b"A: b" + fold + b"c\r\n")
        yield get(b"A:" + fold + b"b\r\n")
        yield get(b"A" + fold + b": b\r\n")
        yield whole.replace(b"Host", fold[-1:] + b"Host")
        yield whole.replace(b" HTTP", fold + b"HTTP")


def request_lines():
    for version in (b"HTTP/1.1", b"HTTP/1.0", b"HTTP/1.2", b"HTTP/1.9",
                    b"HTTP/0.9", b"HTTP/2.0", b"HTTP/2", b"HTTP/1", b"HTTP/11",
                    b"HTTP/1.10", b"HTTP/01.1", b"HTTP/1.01", b"HTTP/1.",
                    b"HTTP/.1", b"http/1.1", b"HTTp/1.1", b"HTTP 1.1",
                    b"HTTP/ 1.1", b"HTTP/1 .1", b"HTTP/1,1", b"HTTP/+1.1",
                    b"HTTP/1.1 ", b"HTTP/1.1\t", b"HTTP/1.1x", b"HTTPS/1.1",
                    b"ICE/1.0", b"RTSP/1.0", b"FTP/1.1", b"", b"HTTP/a.b",
                    b"HTTP/1.1 HTTP/1.1", b"HTTP/9.9", b"HTTP/1.1\x00",
                    b"HTTP\x00/1.1", b"HTTP/1.\xb9", b"/1.1", b"HTTP"):
        yield get(line=b"GET /first " + version + b"\r\n")
        yield post(b"Content-Length: 5\r\n", b"hello",
                   b"POST /first " + version + b"\r\n")
    for line in (b"GET  /first HTTP/1.1", b"GET /first  HTTP/1.1",
                 b"GET\t/first HTTP/1.1", b"GET /first\tHTTP/1.1",
                 b" GET /first HTTP/1.1", b"GET /fi rst HTTP/1.1",
                 b"GET /first", b"GET", b"GET ", b"GET  HTTP/1.1",
                 b"get /first HTTP/1.1", b"Get /first HTTP/1.1",
                 b"G ET /first HTTP/1.1", b"BREW /first HTTP/1.1",
                 b"M-SEARCH /first HTTP/1.1", b"X! /first HTTP/1.1",
                 b"GET/first HTTP/1.1", b"GET:/first HTTP/1.1",
                 b"GET /first\x0bHTTP/1.1", b"GET\x0b/first HTTP/1.1",
                 b"GET /first\x00 HTTP/1.1", b"GET\x00 /first HTTP/1.1",
                 b"GET first HTTP/1.1", b"GET ?x HTTP/1.1",
                 b"GET #x HTTP/1.1", b"GET /first#x HTTP/1.1",
                 b"GET ftp://localhost/ HTTP/1.1", b"GET * HTTP/1.1",
                 b"GET https://localhost/ HTTP/1.1", b"GET // HTTP/1.1",
                 b"GET http:// HTTP/1.1", b"GET http://a@b/ HTTP/1.1",
                 b"GET http:///x HTTP/1.1", b"GET localhost:80 HTTP/1.1",
                 b"CONNECT localhost:80 HTTP/1.1", b"CONNECT / HTTP/1.1",
                 b"TRACE / HTTP/1.1", b"PRI * HTTP/2.0", b"( / HTTP/1.1",
                 b"GET /\xc3\xa9 HTTP/1.1", b"GET /% HTTP/1.1",
                 b"GET /%zz HTTP/1.1", b"GET /%00 HTTP/1.1",
                 b"GET /a|b HTTP/1.1", b"GET /\"x\" HTTP/1.1",
                 b"GET /<x> HTTP/1.1", b"GET /\\x HTTP/1.1",
                 b"GET /^x HTTP/1.1", b"GET /{x} HTTP/1.1", b"HTTP/1.1",
                 b"HTTP/1.1 200 OK", b"A" * 40 + b" / HTTP/1.1"):
        yield get(line=line + b"\r\n")
    yield b"GET /first\r\n" + AFTER
    yield b"GET /first\r\n\r\n" + AFTER


def hosts():
    for value in (b"", b" ", b"localhost", b"localhost:80", b"localhost:",
                  b"localhost:x", b"localhost:99999", b"localhost:-1", b"a b",
                  b"a,b", b"a/b", b"a@b", b"a\\b", b"a#b", b"a?b", b"[::1]",
                  b"[::1]:80", b"[::1", b"::1", b"[v1.x]", b"a_b", b"-a",
                  b"a..b", b"a\x00b", b"a\tb", b"a%41", b"a%zz", b"http://a",
                  b"a:80:80", b":80", b"\xe9", b"a\"b", b"<a>", b"{a}",
                  b"127.0.0.1", b"a;b", b"a'b", b"a" * 300):
        yield get(host=b"Host: " + value + b"\r\n")
        yield get(host=b"Host: " + value + b"\r\n",
                  line=b"GET http://localhost/first HTTP/1.1\r\n")
    for host in (b"", HOST + HOST, HOST + b"Host: other\r\n", HOST + b"host: \r\n",
                 b"Host : localhost\r\n", b" Host: localhost\r\n",
                 b"Host\t: localhost\r\n", b"Hos\x00t: localhost\r\n",
                 b"Host localhost\r\n", b"Host:localhost\r\n",
                 b"HOST: localhost\r\n", b"X: y\r\n" + HOST):
        yield get(host=host)
        yield get(host=host, line=b"GET /first HTTP/1.0\r\n")
        yield get(host=host + b"Content-Length: 5\r\n").replace(
            AFTER, b"hello" + AFTER)


def field_bytes():
    for octet in OCTETS:
        b = bytes([octet])
        yield get(b"A: x" + b + b"y\r\n")
        yield get(b"A: " + b + b"x\r\n")
        yield get(b"A: x" + b + b"\r\n")
        yield get(b"A" + b + b"B: x\r\n")
        yield get(b"A" + b + b": x\r\n")
        yield get(b + b"A: x\r\n")
        yield get(line=b"GET /a" + b + b"b HTTP/1.1\r\n")
        yield get(line=b"GE" + b + b"T /first HTTP/1.1\r\n")
    for line in (b": x", b":", b"A", b"A B: x", b"A B", b"=", b"A:: x",
                 b"A : x", b"(A): x", b"\"A\": x", b"A@: x", b"A/B: x",
                 b"A[0]: x", b"{}: x", b" A: x", b"A: x\r\n B: y", b"\x00",
                 b"GET /hidden HTTP/1.1", b"A: " + b"x" * 6000):
        yield get(line + b"\r\n")
        yield post(line + b"\r\nContent-Length: 5\r\n", b"hello")
    for value in (b"100-continue", b"100-Continue", b"200-ok", b"", b"x, y"):
        yield post(b"Expect: " + value + b"\r\nContent-Length: 5\r\n", b"hello")
        yield post(b"Expect: " + value + b"\r\n" + CHUNKED, b"0\r\n\r\n")
    for value in (b"close", b"keep-alive", b"close, keep-alive", b"upgrade",
                  b"\"close\"", b"close;q=0", b"x", b"Content-Length", b",close,"):
        for line in (b"POST /first HTTP/1.1\r\n", b"POST /first HTTP/1.0\r\n"):
            yield post(b"Connection: " + value + b"\r\nContent-Length: 5\r\n",
                       b"hello", line)


def cut_short():
    whole = post(b"Content-Length: 5\r\n", b"hello")
    for n in range(1, len(whole), 5):
        yield whole[:n]
    whole = chunks(b"5;a=b\r\nhello\r\n0\r\nT: x\r\n\r\n")
    for n in range(60, len(whole), 3):
        yield whole[:n]


def differences():
    """What this server reads otherwise on purpose (wanted.py)."""
    twice = HOST + HOST
    yield get(host=twice).replace(b"/after HTTP/1.1", b"/after HTTP/1.9")
    yield get(line=b"X! /first HTTP/1.1\r\n").replace(
        AFTER, b"\r\n" + AFTER)
    yield post(b"Expect: 100-continue\r\nContent-Length: 99\r\n")
    yield post(b"Expect: 100-continue\r\n" + CHUNKED, b"x\r\n")
    yield post(b"Transfer-Encoding: chunked,\r\n", b"0\r\n\r\n")


KINDS = (valid, content_length, transfer_encoding, chunk_sizes, line_ends,
         request_lines, hosts, field_bytes, cut_short, differences)


def written():
    """(kind, request) of each, without repetition."""
    seen = set()
    for kind in KINDS:
        for data in kind():
            if data not in seen:
                seen.add(data)
                yield kind.__name__.replace("_", " "), data


def flip(rng, data):
    i = rng.randrange(len(data))
    return data[:i] + bytes([data[i] ^ 1 << rng.randrange(8)]) + data[i + 1:]


def insert(rng, data):
    i = rng.randrange(len(data) + 1)
    return data[:i] + bytes([rng.choice(OCTETS)]) + data[i:]


def remove(rng, data):
    i = rng.randrange(len(data))
    return data[:i] + data[i + rng.randint(1, 3):]


def repeat(rng, data):
    i = rng.randrange(len(data))
    j = min(len(data), i + rng.randint(1, 12))
    return data[:j] + data[i:j] + data[j:]


def swap_lines(rng, data):
    lines = data.split(b"\r\n")
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[i], lines[j] = lines[j], lines[i]
    return b"\r\n".join(lines)


def repeat_line(rng, data):
    lines = data.split(b"\r\n")
    lines.insert(rng.randrange(len(lines)), rng.choice(lines))
    return b"\r\n".join(lines)


def change_end(rng, data):
    lines = data.split(b"\r\n")
    i = rng.randrange(len(lines))
    end = rng.choice([b"\n", b"\r", b"\r\r\n", b"\r\n ", b"\n\r\n", b" \r\n"])
    return b"\r\n".join(lines[:i]) + end + b"\r\n".join(lines[i:])


def change_digit(rng, data):
    at = [i for i, b in enumerate(data) if 0x30 <= b <= 0x39]
    if not at:
        return data
    i = rng.choice(at)
    return data[:i] + bytes([rng.choice(b"0123456789afAF +-,.x")]) + data[i + 1:]


MUTATIONS = (flip, insert, remove, repeat, swap_lines, repeat_line, change_end,
             change_digit)


def mutated(n):
    """n mutations of short ones, every second of one that is valid: what is
    refused already teaches less."""
    rng = random.Random(SEED)
    good = [data for data in valid() if len(data) < 400]
    bases = [data for _, data in written() if len(data) < 400]
    seen = {data for _, data in written()}
    while n:
        data = rng.choice(good if n % 2 else bases)
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            data = rng.choice(MUTATIONS)(rng, data)
            if not data:
                break
        if data and data not in seen:
            seen.add(data)
            yield "mutated", data
            n -= 1
