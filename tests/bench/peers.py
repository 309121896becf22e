"""Who is compared, and how each is configured.

Every server serves the same folder of static files as its manual advises for
speed: sendfile, kept-alive connections without a limit on requests, no access
log, and one worker, since it is given one CPU.
"""
import os
import subprocess

from servers import HOST, Server, find, other_user, raise_descriptors

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.path.join(TOP, "build", "bench")
QUICK_PEERS = ("nginx+cache", "lighttpd", "h2o", "darkhttpd")
NEVER = 1_000_000_000   # more requests than a connection makes here


def roomy(connections):
    """The limit to configure.  Several servers close idle connections early
    when few are left: nginx at 15/16 of its limit, ours at 80 %."""
    return connections * 13 // 10


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def build(source, name, *options):
    """Compiles one source of this folder; the path of what came out."""
    os.makedirs(BUILD, exist_ok=True)
    made = os.path.join(BUILD, name)
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), source)
    subprocess.run([os.environ.get("CC", "cc"), "-O2", "-D_GNU_SOURCE",
                    *options, "-o", made, source], check=True)
    return made


def floors(folder):
    """The yardstick, and its second self for connections of one request."""
    program = build("floor.c", "floor")
    yield Server("floor", os.path.join(folder, "kept"), floor=True,
                 closing=False, argv=lambda port, _: [program, port])
    yield Server("floor", os.path.join(folder, "closed"), floor=True,
                 closing=True, argv=lambda port, _: [program, port, "close"])


def our_program():
    return os.path.abspath(os.environ.get("HTTPCONSOLE")
                           or os.path.join(TOP, "httpconsole"))


def ours(folder, root, connections=None, workers=1, under=()):
    """Ours in each way that matters; `under`: a command that runs it."""
    program = our_program()
    env = {"HTTPCONSOLE_LIMITS_REQUESTS_PER_CONNECTION": "0",
           "HTTPCONSOLE_TIMEOUTS_KEEPALIVE": "10m"}
    if connections:
        env["HTTPCONSOLE_LIMITS_CONNECTIONS"] = str(roomy(connections))
        # a history that is soon full, so that what grows is connections
        env["HTTPCONSOLE_CONSOLE_HISTORY_MEMORY"] = "1M"

    def server(name, *options, log=False, pty=False):
        path = os.path.join(folder, name + ".log") if log else None
        logging = ["--log-file", path] if log else ["--no-log"]
        return Server(
            name, folder, env=env, ours=True, log=path, pty=pty,
            version=[program, "--version"],
            argv=lambda port, _: [
                *under, program, "--no-config", "--quiet", "--workers",
                workers, "--bind", f"{HOST}:{port}", *options, *logging, root])

    return [server("ours", "--headless"),
            server("ours+log", "--headless", log=True),
            server("ours+console", "--console", log=True, pty=True)]


def nginx(program, folder, root, connections, cached):
    def argv(port, own):
        cache = "open_file_cache max=1000 inactive=1h; " \
            "open_file_cache_valid 1m;" if cached else ""
        temporary = " ".join(f"{n}_temp_path {own}/{n};" for n in (
            "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        conf = write(own, "conf", f"""
daemon off; worker_processes 1; pid {own}/pid; error_log stderr crit;
user {other_user("www-data", "nobody")};
events {{ worker_connections {roomy(connections)}; }}
http {{
    types {{ text/html html; text/plain txt; }}
    gzip_static on; autoindex on;
    default_type application/octet-stream;
    access_log off; sendfile on; tcp_nopush on; {cache} {temporary}
    keepalive_requests {NEVER}; keepalive_timeout 10m;
    server {{ listen {HOST}:{port} backlog=4096; root {root}; }}
}}
""")
        return [program, "-p", own, "-c", conf, "-e", "stderr"]

    return Server("nginx+cache" if cached else "nginx", folder, argv,
                  version=[program, "-v"])


def lighttpd(program, folder, root, connections):
    # it takes connections for half of its descriptors only
    descriptors = min(2 * roomy(connections), raise_descriptors())

    def argv(port, own):
        os.makedirs(f"{own}/packed", exist_ok=True)
        os.chmod(f"{own}/packed", 0o777)
        # keep-alive: a 16-bit number, more than a connection makes in a round
        return [program, "-D", "-f", write(own, "conf", f"""
server.bind = "{HOST}"
server.port = {port}
server.document-root = "{root}"
server.max-fds = {descriptors}
server.max-connections = {descriptors // 2}
server.max-keep-alive-requests = 65535
server.max-keep-alive-idle = 600
server.listen-backlog = 4096
server.network-backend = "sendfile"
mimetype.assign = ( ".html" => "text/html", ".txt" => "text/plain" )
dir-listing.activate = "enable"
server.modules += ( "mod_deflate", "mod_dirlisting" )
deflate.allowed-encodings = ( "gzip" )
deflate.mimetypes = ( "text/plain" )
deflate.cache-dir = "{own}/packed"
""")]

    return Server("lighttpd", folder, argv, version=[program, "-v"])


def h2o(program, folder, root, connections):
    def argv(port, own):
        return [program, "-c", write(own, "conf", f"""
num-threads: 1
max-connections: {roomy(connections)}
http1-request-timeout: 600
user: {other_user("nobody", "www-data")}
file.send-compressed: ON
file.dirlisting: ON
hosts:
  default:
    listen: {{host: {HOST}, port: {port}}}
    paths: {{"/": {{file.dir: {root}}}}}
""")]

    return Server("h2o", folder, argv, version=[program, "--version"])


def darkhttpd(program, folder, root, connections):
    def argv(port, own):
        return [program, root, "--addr", HOST, "--port", port,
                "--maxconn", roomy(connections), "--timeout", 600,
                "--log", "/dev/null"]

    return Server("darkhttpd", folder, argv, version=[program, "--help"])


def apache(program, folder, root, connections):
    modules = next((m for m in ("/usr/lib/apache2/modules",
                                "/usr/lib64/httpd/modules",
                                "/usr/lib/httpd/modules")
                    if os.path.isdir(m)), "modules")

    def argv(port, own):
        # one process; with all threads busy it closes idle connections
        load = "\n".join(
            f"LoadModule {n}_module {modules}/mod_{n}.so"
            for n in ("mpm_event", "authz_core", "mime", "filter",
                      "deflate", "autoindex")
            if os.path.exists(f"{modules}/mod_{n}.so"))
        user = other_user("www-data", "apache", "nobody")
        identity = f"User {user}" if os.geteuid() == 0 else ""
        return [program, "-DFOREGROUND", "-f", write(own, "conf", f"""
{load}
ServerRoot {own}
DefaultRuntimeDir {own}
PidFile {own}/pid
ErrorLog {own}/error
LogLevel crit
ServerName localhost
Listen {HOST}:{port}
ListenBacklog 4095
{identity}
DocumentRoot {root}
TypesConfig /dev/null
AddType text/html .html
AddType text/plain .txt
AddOutputFilterByType DEFLATE text/plain
StartServers 1
ServerLimit 1
ThreadLimit 400
ThreadsPerChild 400
MaxRequestWorkers 400
AsyncRequestWorkerFactor {connections // 100 + 4}
MaxConnectionsPerChild 0
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 600
EnableSendfile On
EnableMMAP On
<Directory {root}>
    Options Indexes
</Directory>
""")]

    return Server("apache2", folder, argv, version=[program, "-v"])


def caddy(program, folder, root, _connections):
    def argv(port, own):
        return [program, "run", "--adapter", "caddyfile", "--config",
                write(own, "Caddyfile", f"""
{{
    admin off
    auto_https off
    log {{
        output discard
    }}
}}
http://:{port} {{
    bind {HOST}
    root * {root}
    file_server browse {{
        precompressed gzip
    }}
}}
""")]

    return Server("caddy", folder, argv, version=[program, "version"],
                  env={"GOMAXPROCS": "1"})


def peers(folder, root, connections=10000, quick=False):
    """Every installed server but ours, those that matter first."""
    known = [("nginx", lambda *a: nginx(*a, cached=True)),
             ("nginx", lambda *a: nginx(*a, cached=False)),
             ("lighttpd", lighttpd), ("h2o", h2o), ("darkhttpd", darkhttpd),
             ("apache2", apache), ("httpd", apache), ("caddy", caddy)]
    found = {}
    for program, make in known:
        path = find(program)
        if path:
            server = make(path, folder, root, connections)
            if not quick or server.name in QUICK_PEERS:
                found.setdefault(server.name, server)
    return list(found.values())
