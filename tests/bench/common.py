# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benches share: programs that end with the bench, a majlis with people in its session, a network of one's own."""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LONG = bool(os.environ.get("MAJLIS_LONG"))
running = []


def start(words, on=None, **more):
    """`on`: the cores that it may use."""
    pin = (lambda: os.sched_setaffinity(0, on)) if on else None
    process = subprocess.Popen(words, preexec_fn=pin, **more)
    running.append(process)
    return process


def stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    running.remove(process)


def end(folder):
    for process in running:
        process.kill()
    shutil.rmtree(folder, ignore_errors=True)


def alone(set_up="ip link set lo up"):
    """Runs the bench once more, in a network namespace of its own: the counters of the machine are then ours. Needs root;
    without it nothing happens. Call it before anything is started."""
    if os.environ.get("MAJLIS_BENCH_ALONE") or subprocess.run(["unshare", "-n", "true"], check=False, stderr=subprocess.DEVNULL).returncode:
        return
    os.environ["MAJLIS_BENCH_ALONE"] = "1"
    words = ["unshare", "-n", "sh", "-c", set_up + ' && exec "$@"', "sh", sys.executable, *sys.argv]
    os.execvp(words[0], words)


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def read_lines(process, last):
    """Lines "WORD VALUE" up to the one whose word is `last`."""
    found = {}
    for line in process.stdout:
        word, _, value = line.strip().partition(" ")
        found[word] = value
        if word == last:
            return found
    sys.exit(f"{process.args[0]} ended")


def children(pid):
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="utf-8") as file:
            found += map(int, file.read().split())
    return found


class Majlis:
    """`majlis demo`: one session that is live. `conf`: section -> key -> value."""

    def __init__(self, binary, folder, conf, source="test", on=None):
        self.binary = binary
        self.folder = tempfile.mkdtemp(dir=folder)
        self.data = os.path.join(self.folder, "data")
        self.log = os.path.join(self.folder, "log")
        file = os.path.join(self.folder, "majlis.conf")
        with open(file, "w", encoding="utf-8") as out:
            for section, keys in {**conf, "rtc": {"listen": "127.0.0.1:0", **conf.get("rtc", {})}}.items():
                out.write(f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items()))
        words = [binary, "demo", "--config", file, "--data", self.data, "--listen", "127.0.0.1:0", "--source", source]
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = start(words, on, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            lines = read_lines(self.process, "staff")
        except SystemExit:
            with open(self.log, encoding="utf-8") as log:
                sys.exit(f"majlis ended: {log.read()}")
        self.url, self.session = lines["ready"], lines["session"]
        self.staff = self.sign_in(lines["staff"])
        self.tokens = []

    def ask(self, path, body=None, token=None):
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if token:
            headers["Authorization"] = "Bearer " + token
        for _ in range(60):
            try:
                with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers)) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code != 429:
                    raise
                time.sleep(0.2)  # staff may make 50 changes a second
        sys.exit("the server goes on refusing: too often")

    def sign_in(self, link):
        return self.ask("/api/v1/sign-in", {"invitation": link.rsplit("/", 1)[1]})["token"]

    def people(self, count):
        """Tokens of so many attendees."""
        while len(self.tokens) < count:
            body = {"name": f"Viewer {len(self.tokens)}", "role": "attendee"}
            made = self.ask(f"/api/v1/sessions/{self.session}/invitations", body, self.staff)
            self.tokens.append(self.sign_in(made["url"]))
        return self.tokens

    def stop(self):
        stop(self.process)
