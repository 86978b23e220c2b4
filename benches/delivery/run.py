#!/usr/bin/env python3
"""How fast ibid delivers, beside a bare actix-web handler and nginx with the same bytes, in one run.

    benches/delivery/run.py [--articles 1000,100000] [--seconds 5] [--rounds 3] [--sites FOLDER] [--out docs/delivery-benchmark]

It needs wrk and nginx (Debian: apt-get install wrk nginx-light), taskset, and a Rust toolchain. Servers have one worker on
one core, wrk runs on another; rounds take turns, so that a machine that changes its speed changes all; figures are
medians of the rounds. Everything listens on 127.0.0.1. OUT.md gets the tables and OUT.svg the picture. What is filled with
articles, which takes half an hour for a million, stays in FOLDER for the next run, if one is given.
"""

import argparse
import datetime
import html
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVER_CORE, CLIENT_CORE = "0", "1"
CONNECTIONS = [1, 16, 64]
# The thousandth of the words of examples/fill.rs; "skin" is the first, which hardly an article is without.
RARE_WORD = "banada"
EDITOR = {"email": "bench@example.org", "password": secrets.token_urlsafe(24)}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A process that is stopped by its own id."""

    def __init__(self, command, port, env=None, ready="/"):
        self.port = port
        self.process = subprocess.Popen(
            ["taskset", "-c", SERVER_CORE, *command],
            env={**os.environ, **(env or {})}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(6_000):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{ready}", timeout=5).read()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit(f"{command[0]} ended with {self.process.returncode}")
                time.sleep(0.005)
        raise SystemExit(f"{command[0]} does not answer")

    def memory(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def wrk(port, path, connections, seconds, headers=(), script=None):
    """Requests a second, and the 99th percentile in ms."""
    command = ["taskset", "-c", CLIENT_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    for header in headers:
        command += ["-H", header]
    if script:
        command += ["-s", str(script)]
    out = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True).stdout
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    if bad:
        raise SystemExit(f"{path}: {bad.group(0)}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    return rate, float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def fetch(port, path, headers=None):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers or {})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read(), answer.headers


def start_ibid(binary, data, cache=None):
    port = free_port()
    env = {"IBID_SERVER__WORKERS": "1", "IBID_RATE__DELIVERY": "0", "IBID_RATE__COMMENTS": "0",
           "IBID_RATE__MANAGEMENT": "0", "IBID_LOG__LEVEL": "warn"}
    if cache is not None:
        env["IBID_CACHE__BYTES"] = str(cache)
    return Server([str(binary), "serve", "--listen", f"127.0.0.1:{port}", "--data-dir", str(data)], port, env, "/readyz")


def start_nginx(folder, files):
    port = free_port()
    www = folder / "www"
    www.mkdir(exist_ok=True)
    for name, body in files.items():
        (www / name).write_bytes(body)
    config = folder / "nginx.conf"
    config.write_text(f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
user {'root' if os.getuid() == 0 else 'nobody'};
events {{ worker_connections 1024; }}
http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; default_type application/json;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {www}; }} }}
""")
    return Server(["nginx", "-p", str(folder), "-c", str(config)], port, None, "/article")


def rounds(count, measures):
    """Takes each measure in turn, so many times; the medians, by name."""
    taken = {name: [] for name in measures}
    for at in range(count):
        for name, measure in measures.items():
            taken[name].append(measure())
            print(f"  round {at + 1}: {name}: {taken[name][-1][0]:,.0f}/s, p99 {taken[name][-1][1]:.2f} ms", flush=True)
    return {name: tuple(statistics.median(part) for part in zip(*values)) for name, values in taken.items()}


def some_slugs(port, most):
    slugs, address = [], "/v1/articles?limit=100&fields=slug"
    while address and len(slugs) < most:
        page = json.loads(fetch(port, address)[0])
        slugs += [item["slug"] for item in page["data"]]
        address = page["page"]["next"]
    return slugs


def deep_page(port, pages):
    """The address of the page that comes after so many."""
    address = "/v1/articles?limit=20&fields=slug"
    for _ in range(pages):
        following = json.loads(fetch(port, address)[0])["page"]["next"]
        if not following:
            break
        address = following
    return address


def lua(folder, name, paths):
    script = folder / f"{name}.lua"
    listed = ",".join(json.dumps(path) for path in paths)
    script.write_text(f"""
local paths = {{{listed}}}
local at = 0
request = function() at = at % #paths + 1; return wrk.format("GET", paths[at]) end
""")
    return script


def ask(port, method, path, body=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, {"Content-Type": "application/json", **(headers or {})},
                                     method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or "null"), answer.headers


class Writes:
    """Comments arriving at a steady pace, and one article published each second, while reads are measured."""

    def __init__(self, port, slugs, per_second):
        self.stopped, self.sent, self.failed, self.published = threading.Event(), 0, 0, 0
        self.threads = [threading.Thread(target=self.comment, args=(port, slugs, 8 / per_second, at)) for at in range(8)]
        self.threads.append(threading.Thread(target=self.publish, args=(port, slugs)))
        for thread in self.threads:
            thread.start()

    def comment(self, port, slugs, pause, at):
        n = 0
        while not self.stopped.is_set():
            began = time.monotonic()
            n += 1
            body = {"name": f"Reader {at}", "email": f"r{at}@example.org", "body": f"Note {at} {n} {began}"}
            try:
                ask(port, "POST", f"/v1/articles/{slugs[n % len(slugs)]}/comments", body)
                self.sent += 1
            except OSError:
                self.failed += 1
            self.stopped.wait(max(0.0, pause - (time.monotonic() - began)))

    def publish(self, port, slugs):
        token = ask(port, "POST", "/v1/auth/login", EDITOR)[0]["access_token"]
        while not self.stopped.is_set():
            began = time.monotonic()
            address = f"/v1/manage/articles/{slugs[self.published % len(slugs)]}"
            signed = {"Authorization": f"Bearer {token}"}
            version = ask(port, "GET", address, None, signed)[1]["ETag"]
            change = {"summary": f"Summary {self.published} of {began}"}
            version = ask(port, "PATCH", address, change, {**signed, "If-Match": version})[1]["ETag"]
            ask(port, "POST", f"{address}/publish", None, {**signed, "If-Match": version})
            self.published += 1
            self.stopped.wait(max(0.0, 1 - (time.monotonic() - began)))

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()


def small_site(arguments, tools, folder):
    """The article, the list and the search beside handlers that do nothing else."""
    data = tools.filled(folder / "site", 1000)
    create = ["editor", "create", "--data-dir", str(data), "--email", EDITOR["email"], "--name", "Bench", "--role", "editor"]
    subprocess.run([str(tools.ibid), *create], env={**os.environ, "IBID_PASSWORD": EDITOR["password"]}, check=True,
                   stdout=subprocess.DEVNULL)
    ibid = start_ibid(tools.ibid, data)
    slugs = some_slugs(ibid.port, 1000)
    idle = ibid.memory()
    article = f"/v1/articles/{slugs[0]}?include=sections,citations"
    listing = "/v1/articles?limit=20&include=authors"
    search = f"/v1/search?q={RARE_WORD}"
    bytes_of = {"article": fetch(ibid.port, article)[0], "list": fetch(ibid.port, listing)[0]}
    tag = fetch(ibid.port, article)[1]["ETag"]
    bare, nginx = {}, start_nginx(folder, bytes_of)
    for name, body in bytes_of.items():
        (folder / f"{name}.json").write_bytes(body)
        port = free_port()
        bare[name] = Server([str(tools.bare), "serve", str(folder / f"{name}.json"), f"127.0.0.1:{port}"], port)
    nginx_tag = fetch(nginx.port, "/article")[1]["ETag"]
    uncached = start_ibid(tools.ibid, data, cache=0)
    rows = []
    for connections in CONNECTIONS:
        def at(port, path, headers=(), script=None, connections=connections):
            return lambda: wrk(port, path, connections, arguments.seconds, headers, script)
        print(f"{connections} connections", flush=True)
        measured = rounds(arguments.rounds, {
            "bare article": at(bare["article"].port, "/"),
            "nginx article": at(nginx.port, "/article"),
            "article": at(ibid.port, article),
            "nginx 304": at(nginx.port, "/article", [f"If-None-Match: {nginx_tag}"]),
            "304": at(ibid.port, article, [f"If-None-Match: {tag}"]),
            "bare list": at(bare["list"].port, "/"),
            "list": at(ibid.port, listing),
            "search": at(ibid.port, search),
            "uncached article": at(uncached.port, article),
        })
        rows.append((connections, measured))
    measured = rows[1][1]
    rate = float(subprocess.run(
        ["taskset", "-c", SERVER_CORE, str(tools.bare), "select", str(data / "ibid.db"), slugs[0], str(arguments.seconds)],
        capture_output=True, text=True, check=True).stdout)
    print(f"point SELECTs with one serialisation: {rate:,.0f}/s", flush=True)
    quiet = rounds(arguments.rounds, {"reads": lambda: wrk(ibid.port, "/", 16, arguments.seconds, script=lua(
        folder, "quiet", [f"/v1/articles/{slug}" for slug in slugs]))})["reads"]
    writes = Writes(ibid.port, slugs, 200)
    busy = rounds(arguments.rounds, {"reads under writes": lambda: wrk(ibid.port, "/", 16, arguments.seconds, script=lua(
        folder, "busy", [f"/v1/articles/{slug}" for slug in slugs]))})["reads under writes"]
    writes.stop()
    loaded = ibid.memory()
    for server in [ibid, uncached, nginx, *bare.values()]:
        server.stop()
    return {"rows": rows, "select": rate, "quiet": quiet, "busy": busy, "writes": (writes.sent, writes.failed, writes.published),
            "memory": (idle, loaded), "bytes": {name: len(body) for name, body in bytes_of.items()}, "middle": measured}


def growing_site(arguments, tools, folder):
    """What does not depend on how many articles there are; every request another one, so that the cache helps little."""
    rows = []
    for articles in arguments.articles:
        print(f"{articles:,} articles", flush=True)
        data = tools.filled(folder / f"grown-{articles}", articles, "brief")
        began = time.monotonic()
        ibid = start_ibid(tools.ibid, data, cache=0)
        start = time.monotonic() - began
        slugs = some_slugs(ibid.port, 2000)
        deep = deep_page(ibid.port, min(999, articles // 20 - 1))
        measures = {
            "get": (f"/v1/articles/{slugs[0]}", lua(folder, "get", [f"/v1/articles/{slug}" for slug in slugs])),
            "first page": ("/v1/articles?limit=20", None),
            "1,000th page": (deep, None),
            "filter by tag": ("/v1/articles?tag=tag-7&limit=20", None),
            "search": (f"/v1/search?q={RARE_WORD}", None),
            "search, a word of all": ("/v1/search?q=skin", None),
            "sync": ("/v1/sync", None),
        }
        def measure(path, script):
            return lambda: wrk(ibid.port, path, 16, arguments.seconds, script=script)
        present = {name: measure(*how) for name, how in measures.items() if name == "get" or answers(ibid.port, how[0])}
        rows.append((articles, rounds(arguments.rounds, present), start))
        ibid.stop()
    return rows


def answers(port, path):
    try:
        fetch(port, path)
        return True
    except urllib.error.HTTPError as error:
        print(f"  {path} answers {error.code}: left out", flush=True)
        return False


class Tools:
    def __init__(self):
        for needed in ["wrk", "nginx", "taskset", "cargo"]:
            if not shutil.which(needed):
                raise SystemExit(f"{needed} is needed: apt-get install wrk nginx-light util-linux")
        subprocess.run(["cargo", "build", "--release", "--locked", "--bins", "--example", "bare", "--example", "fill"],
                       cwd=ROOT, check=True)
        metadata = subprocess.run(["cargo", "metadata", "--format-version", "1", "--no-deps"], cwd=ROOT, check=True,
                                  capture_output=True, text=True).stdout
        target = pathlib.Path(json.loads(metadata)["target_directory"]) / "release"
        self.ibid, self.bare, self.fill = target / "ibid", target / "examples/bare", target / "examples/fill"

    def filled(self, data, articles, *kind):
        """A site of so many articles; what is there already counts."""
        data.mkdir(parents=True, exist_ok=True)
        subprocess.run([str(self.fill), str(data), str(articles), *kind], check=True)
        return data


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def report(small, grown, arguments):
    day = datetime.date.today().isoformat()
    text = [f"""# How fast ibid delivers

Measured {day} by `benches/delivery/run.py`, which anyone can run: wrk on one core, each server with one worker on another,
{arguments.rounds} rounds of {arguments.seconds} s that take turns, medians. Only the ratios mean anything elsewhere.

One published article with sections and citations ({small['bytes']['article']:,} bytes), a list of 20
({small['bytes']['list']:,} bytes), the same bytes from a bare actix-web handler and from nginx as a static file. Requests a second:
"""]
    names = ["article", "bare article", "nginx article", "304", "nginx 304", "list", "bare list", "search", "uncached article"]
    text.append(table(["", *[f"{c} connection{'s' if c > 1 else ''}" for c, _ in small["rows"]]],
                      [[name, *[f"{measured[name][0]:,.0f}" for _, measured in small["rows"]]] for name in names]))
    m = small["middle"]
    text.append("\nRatios at 16 connections, beside the bars:\n")
    ratios = [
        ("article, of the bare handler", m["article"][0] / m["bare article"][0], "≥ 0.9"),
        ("article, of nginx", m["article"][0] / m["nginx article"][0], "≥ 1.2"),
        ("304, of nginx's", m["304"][0] / m["nginx 304"][0], "≥ 1.0"),
        ("list of 20, of the bare handler", m["list"][0] / m["bare list"][0], "≥ 0.9"),
        ("article without the cache, of point SELECTs in a loop", m["uncached article"][0] / small["select"], "≥ 0.5"),
        ("p99 of reads while comments arrive and articles are published, of the same without", small["busy"][1] / small["quiet"][1], "≤ 3"),
    ]
    text.append(table(["", "ratio", "bar"], [[name, f"{ratio:.2f}", bar] for name, ratio, bar in ratios]))
    sent, failed, published = small["writes"]
    text.append(f"\n{sent:,} comments were taken and {published} articles published meanwhile, {failed} comments failed. Memory: {small['memory'][0]:.0f} MB after the"
                f" first requests, {small['memory'][1]:.0f} MB after all of this.\n")
    text.append("## More articles\n\nArticles of two sections, without the cache, 16 connections; p99 in ms, in brackets requests a second. Where there"
                " are fewer than 1,000 pages, the last stands for the 1,000th. The word of \"search\" is the thousandth most common.\n")
    kinds = [name for name in grown[0][1]]
    text.append(table(["articles", *kinds, "start to ready"],
                      [[f"{articles:,}", *[f"{m[k][1]:.1f} ({m[k][0]:,.0f})" for k in kinds], f"{start:.2f} s"]
                       for articles, m, start in grown]))
    return "\n".join(text) + "\n", ratios, m


def picture(m):
    """Bars of requests a second at 16 connections."""
    bars = [("ibid: article", m["article"][0], "#1f6f54"), ("bare handler, same bytes", m["bare article"][0], "#9aa5a1"),
            ("nginx, same bytes", m["nginx article"][0], "#9aa5a1"), ("ibid: 304", m["304"][0], "#1f6f54"),
            ("nginx: 304", m["nginx 304"][0], "#9aa5a1"), ("ibid: list of 20", m["list"][0], "#1f6f54"),
            ("bare handler, same bytes", m["bare list"][0], "#9aa5a1"), ("ibid: search", m["search"][0], "#1f6f54")]
    most = max(rate for _, rate, _ in bars)
    rows = []
    for at, (name, rate, colour) in enumerate(bars):
        y, width = 44 + at * 30, 380 * rate / most
        rows.append(f'<text x="190" y="{y + 15}" text-anchor="end">{html.escape(name)}</text>'
                    f'<rect x="200" y="{y}" width="{width:.1f}" height="20" rx="3" fill="{colour}"/>'
                    f'<text x="{206 + width:.1f}" y="{y + 15}">{rate:,.0f}</text>')
    height = 60 + 30 * len(bars)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 {height}" role="img" '
            'font-family="system-ui, sans-serif" font-size="13" fill="#222">'
            '<title>Requests a second, one core, 16 connections</title>'
            f'<rect width="680" height="{height}" fill="#fff"/>'
            '<text x="10" y="26" font-size="15" font-weight="600">Requests a second, one core, 16 connections</text>'
            + "".join(rows) + "</svg>\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", default="1000,100000", type=lambda text: [int(n) for n in text.split(",")])
    parser.add_argument("--seconds", default=5, type=int)
    parser.add_argument("--rounds", default=3, type=int)
    parser.add_argument("--sites", type=pathlib.Path)
    parser.add_argument("--out", default=str(ROOT / "docs/delivery-benchmark"))
    arguments = parser.parse_args()
    tools = Tools()
    with tempfile.TemporaryDirectory(prefix="ibid-bench-") as name:
        folder = pathlib.Path(name)
        small = small_site(arguments, tools, folder)
        grown = growing_site(arguments, tools, arguments.sites or folder)
    text, ratios, middle = report(small, grown, arguments)
    pathlib.Path(arguments.out + ".md").write_text(text)
    pathlib.Path(arguments.out + ".svg").write_text(picture(middle))
    for name, ratio, bar in ratios:
        print(f"{ratio:6.2f}  {name} ({bar})")


if __name__ == "__main__":
    main()
