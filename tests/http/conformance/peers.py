"""PEERS.md: the same cases on other servers, `make peers`.

Each peer serves the same files with what it has of the same features: index,
listing, types with a charset, gzip, precompressed siblings, names that begin
with a dot refused, no symbolic links, Cache-Control: no-cache.
"""

import concurrent.futures
import os
import sys
from pathlib import Path

from . import TOP
from .case import CHOICE, MUST, SHOULD, At
from .cases import CASES
from .folder import fill

sys.path.insert(0, str(TOP / "tests" / "bench"))
from peers import ours, write  # noqa: E402
from servers import (  # noqa: E402
    HOST, Server, find, in_folder, other_user, stop_all)

PATH = TOP / "tests" / "http" / "PEERS.md"
TYPES = {
    "html": "text/html; charset=utf-8", "txt": "text/plain; charset=utf-8",
    "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8", "json": "application/json",
    "svg": "image/svg+xml", "png": "image/png", "wasm": "application/wasm",
    "mp4": "video/mp4",
}
TEXT = "text/plain text/css text/javascript application/json image/svg+xml"


def nginx(program, folder, root):
    def argv(port, own):
        temporary = " ".join(f"{n}_temp_path {own}/{n};" for n in (
            "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        types = " ".join(f"{kind.split(';')[0]} {end};"
                         for end, kind in TYPES.items() if end != "mjs")
        return [program, "-p", own, "-e", "stderr", "-c", write(
            own, "conf", f"""
daemon off; worker_processes 1; pid {own}/pid; error_log stderr crit;
user {other_user("www-data", "nobody")};
events {{ worker_connections 1000; }}
http {{
    types {{ {types.replace(" js;", " js mjs;")} }}
    default_type application/octet-stream;
    charset utf-8; charset_types {TEXT};
    access_log off; sendfile on; {temporary}
    gzip on; gzip_static on; gzip_vary on; gzip_proxied any;
    gzip_types {TEXT}; gzip_http_version 1.0;
    server {{
        listen {HOST}:{port}; server_name localhost; root {root};
        index index.html; autoindex on; disable_symlinks on;
        client_max_body_size 64k;
        add_header Cache-Control no-cache;
        add_header X-Content-Type-Options nosniff;
        location ~ /\\.(?!well-known/) {{ return 404; }}
    }}
}}
""")]
    return Server("nginx", folder, argv, version=[program, "-v"])


def lighttpd(program, folder, root):
    def argv(port, own):
        types = ", ".join(f'".{e}" => "{k}"' for e, k in TYPES.items())
        texts = ", ".join(f'"{t}"' for t in ["text/html", *TEXT.split()])
        return [program, "-D", "-f", write(own, "conf", f"""
server.modules = ( "mod_access", "mod_setenv", "mod_deflate",
    "mod_dirlisting", "mod_staticfile" )
server.bind = "{HOST}"
server.port = {port}
server.document-root = "{root}"
server.errorlog = "{own}/error"
server.follow-symlink = "disable"
server.max-request-size = 64
index-file.names = ( "index.html" )
dir-listing.activate = "enable"
dir-listing.encoding = "utf-8"
mimetype.assign = ( {types}, "" => "application/octet-stream" )
deflate.mimetypes = ( {texts} )
deflate.allowed-encodings = ( "gzip" )
setenv.set-response-header = ( "Cache-Control" => "no-cache",
    "X-Content-Type-Options" => "nosniff" )
$HTTP["url"] =~ "/\\.(?!well-known/)" {{ url.access-deny = ( "" ) }}
""")]
    return Server("lighttpd", folder, argv, version=[program, "-v"])


def apache(program, folder, root):
    modules = "/usr/lib/apache2/modules"

    def argv(port, own):
        load = "\n".join(
            f"LoadModule {n}_module {modules}/mod_{n}.so"
            for n in ("mpm_event", "authz_core", "mime", "dir", "autoindex",
                      "filter", "deflate", "headers", "rewrite", "alias")
            if os.path.exists(f"{modules}/mod_{n}.so"))
        types = "\n".join(f"AddType '{k}' .{e}" for e, k in TYPES.items())
        identity = f"User {other_user('www-data', 'nobody')}" \
            if os.geteuid() == 0 else ""
        return [program, "-DFOREGROUND", "-f", write(own, "conf", f"""
{load}
ServerRoot {own}
DefaultRuntimeDir {own}
PidFile {own}/pid
ErrorLog {own}/error
LogLevel crit
ServerName localhost
Listen {HOST}:{port}
{identity}
TypesConfig /dev/null
{types}
DocumentRoot {root}
DirectoryIndex index.html
KeepAlive On
MaxKeepAliveRequests 1000
TraceEnable Off
FileETag MTime Size
LimitRequestBody 65536
AddOutputFilterByType DEFLATE text/html {TEXT}
Header always set X-Content-Type-Options nosniff
Header set Cache-Control no-cache
<Directory {root}>
    Options Indexes
    AllowOverride None
    Require all granted
</Directory>
<LocationMatch "/\\.(?!well-known/)">
    Redirect 404
</LocationMatch>
RewriteEngine On
RewriteCond %{{HTTP:Accept-Encoding}} gzip
RewriteCond %{{HTTP:Accept-Encoding}} !gzip\s*;\s*q=0(\.0*)?\s*(,|$) [NC]
RewriteCond {root}%{{REQUEST_FILENAME}}.gz -f
RewriteRule ^(.*\\.(js|css))$ $1.gz [QSA,L,E=no-gzip:1]
<FilesMatch "\\.(js|css)\\.gz$">
    AddEncoding gzip .gz
    Header append Vary Accept-Encoding
</FilesMatch>
""")]
    return Server("apache2", folder, argv, version=[program, "-v"])


PEERS = [("nginx", nginx), ("lighttpd", lighttpd), ("apache2", apache)]
# The operator's rules are not a matter of a plain folder.
ASKED = [case for case in CASES if case.needs in ("", "coding")]


def ask(server):
    """Every case's fault, by its id."""
    at = At(server.port, HOST, 3.0)
    return {case.id: case.fault(at) for case in ASKED}


def counts(servers, faults):
    lines = ["| | cases | " + " | ".join(s.name for s in servers) + " |",
             "|---|---|" + "---|" * len(servers)]
    for level, what in ((MUST, "MUST, not met"), (SHOULD, "SHOULD, not met"),
                        (CHOICE, "another choice")):
        cases = [c for c in ASKED if c.level == level]
        lines.append(f"| {what} | {len(cases)} | " + " | ".join(
            str(sum(bool(faults[s.name][c.id]) for c in cases))
            for s in servers) + " |")
    return lines


def table(servers, faults, levels):
    lines = ["| case | requirement | RFC | " +
             " | ".join(s.name for s in servers) + " |",
             "|---|---|---|" + "---|" * len(servers)]
    for case in ASKED:
        mine = [faults[s.name][case.id] for s in servers]
        if case.level in levels and any(mine):
            lines.append(f"| `{case.id}` | {case.text} | {case.section}"
                         f" {case.level if case.level != CHOICE else ''} | " +
                         " | ".join((f or "").replace("|", "/")
                                    for f in mine) + " |")
    return lines


def page(servers, faults):
    versions = "; ".join(f"{s.name}: {s.version()}" for s in servers)
    return "\n".join([
        "# The same cases, other servers", "",
        "Generated by `make peers`: the cases of CONFORMANCE.md that a plain"
        " folder can be asked,", "sent to each server with the same files and"
        " what it has of the same features", "(tests/http/conformance/"
        "peers.py).  An empty field: as required.", "", f"{versions}.", "",
        *counts(servers, faults), "", "## Not met by at least one", "",
        *table(servers, faults, (MUST, SHOULD)), "",
        "## Other choices, which the RFCs allow", "",
        *table(servers, faults, (CHOICE,)), ""])


def main():
    def run(folder):
        site = str(fill(Path(folder)))
        servers = [s for s in ours(folder, site) if s.name == "ours"]
        for program, make in PEERS:
            path = find(program)
            if path:
                servers.append(make(path, folder, site))
            else:
                print(f"{program} is not installed (tests/tools/deps peers)")
        try:
            for s in servers:
                s.start()
            with concurrent.futures.ThreadPoolExecutor() as pool:
                faults = dict(zip((s.name for s in servers),
                                  pool.map(ask, servers)))
        finally:
            stop_all(servers)
        PATH.write_text(page(servers, faults))
        print("\n".join(counts(servers, faults)), f"\n{PATH.name} written")
    return in_folder(run)


if __name__ == "__main__":
    sys.exit(main())
