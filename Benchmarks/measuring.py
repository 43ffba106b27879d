"""What the scripts of this folder share: the processes they start, what these use, and the rows of the table."""
import contextlib
import http.client
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
REDSTART = os.environ.get("REDSTART", ROOT / ".build/release/redstart")
SIMULATOR = os.environ.get("SIMULATOR", ROOT / ".build/release/FleetSimulator")

# What the Redis of the benchmarks has been sent before, and in some of them goes on being sent.
APPLICATION = {
    "set": "SET a 1", "lpush": "LPUSH l 1", "hset": "HSET h f v", "incr": "INCR n", "zadd": "ZADD z 1 m",
    "expire": "EXPIRE a 1000", "del": "DEL n", "exists": "EXISTS a",
}


def call_application(connection, file):
    """One call of each of these commands; `file` reads what the connection receives."""
    connection.sendall("".join(f"{command}\r\n" for command in APPLICATION.values()).encode())
    for _ in APPLICATION:
        file.readline()


def row(what, figure, budget="", anchor="", ratio="", command=""):
    """Prints a row as the table in the README has it."""
    print(f"| {what} | {figure} | {budget} | {anchor} | {ratio} | `{command}` |", flush=True)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(what, seconds, condition, pause=0.05):
    """Waits until a condition holds, and says what it has waited for when it does not."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"{what}: not within {seconds} s")
        time.sleep(pause)


class Process:
    """A process and what it uses."""

    def __init__(self, pid):
        self.pid = pid

    def cpu_seconds(self):
        """User and system time of all threads; the scheduler's own figure, as that of stat counts in steps of 10 ms."""
        total = 0
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            with contextlib.suppress(FileNotFoundError):  # the thread has ended
                with open(f"/proc/{self.pid}/task/{thread}/schedstat", encoding="ascii") as file:
                    total += int(file.read().split()[0])
        return total / 1e9

    def cpu_microseconds(self):
        return 1e6 * self.cpu_seconds()

    def resident_bytes(self):
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def share_of_a_core(self, seconds):
        before, start = self.cpu_seconds(), time.monotonic()
        time.sleep(seconds)
        return (self.cpu_seconds() - before) / (time.monotonic() - start)


class Started(Process):
    """A process that ends with the `with` that started it."""

    def __init__(self, command):
        self.log = tempfile.NamedTemporaryFile(prefix="redstart-bench-", suffix=".log")
        self.process = subprocess.Popen([str(word) for word in command], stdout=self.log, stderr=self.log, cwd=ROOT)
        super().__init__(self.process.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def text(self):
        return pathlib.Path(self.log.name).read_text(encoding="utf-8", errors="replace")

    def wait_for(self, what, seconds, condition, pause=0.05):
        def holds():
            if self.process.poll() is not None:
                raise SystemExit(f"{what}: the process has ended\n{self.text()[-2000:]}")
            return condition()

        wait_for(what, seconds, holds, pause)


class HTTPProcess(Started):
    """A program with /metrics."""

    def __init__(self, command, port):
        self.port = port
        super().__init__(command)
        self.wait_for("an answer over HTTP", 30, self.answers, pause=0.001)

    def answers(self):
        with contextlib.suppress(OSError):
            return self.get("/")[0] > 0
        return False

    def get(self, path, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()


class RedisServer(Started):
    def __init__(self):
        self.port = free_port()
        folder = tempfile.gettempdir()
        super().__init__(
            ["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--save", "", "--dir", folder])
        self.wait_for("redis-server listens", 30, self.listens)
        # A few commands and keys, so that INFO has what it has on a server in use.
        commands = ["set a 1", "get a", "lpush l 1 2 3", "hset h f v", "incr n", "zadd z 1 m", "expire a 1000", "del n"]
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            for command in commands:
                connection.sendall(command.encode() + b"\r\n")
                connection.recv(4096)

    def listens(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            return True
        return False


class Redstart(HTTPProcess):
    def __init__(self, targets, *options):
        port = free_port()
        listen = ["--web.listen-address", f"127.0.0.1:{port}"]
        super().__init__([REDSTART, "serve", *listen, *options, *targets], port)


    def metric(self, name):
        """One value of what it says about itself."""
        query = urllib.parse.quote(name)
        answer = json.loads(self.get(f"/api/v1/query?query={query}")[1])
        return float(answer["data"]["result"][0]["value"][1])


class Simulator(Started):
    """Thousands of servers that do not exist, each at an address of its own."""

    def __init__(self, *parts, speed=1):
        self.port = free_port()
        super().__init__([SIMULATOR, *parts, "--port", self.port, "--speed", speed])
        self.wait_for("all simulated nodes listen", 60, lambda: self.text().endswith("\nready\n"))
        self.addresses = self.text().split("\n")[:-2]

    def tell(self, *words):
        """Says a command at the control port: FAIL, DELAY, HEAL, DROP, PROMOTE, STATS, RESET."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(" ".join(words).encode() + b"\r\n")
            file = connection.makefile("rb")
            head = file.readline().decode()
            if head.startswith("-"):
                raise SystemExit(f"the simulator: {head}")
            return file.read(int(head[1:])).decode() if head.startswith("$") else head

    def statistics(self):
        pairs = (line.split(":") for line in self.tell("STATS").split())
        return {name: int(value) for name, value in pairs}
