"""Runs programs as containers: each with a file system, a host name and a network of its own, and without any right.

For tests where no engine for containers runs. `isolated()` first, as root; all ends with the process that called it.
"""
import ctypes
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
TOP = os.path.realpath(__file__ + "/../../../..")


def isolated():
    """Goes on in namespaces of its own, as root."""
    if "REDSTART_ISOLATED" in os.environ:
        os.makedirs("/run/netns", exist_ok=True)
        run("mount", "-t", "tmpfs", "tmpfs", "/run/netns")
        return
    words = [os.path.realpath(sys.argv[0]), *sys.argv[1:]]
    words = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc",
             "env", "REDSTART_ISOLATED=yes", sys.executable, "-B", *words]
    if os.getuid() != 0:
        words = ["sudo", "-n", *words]
    os.execvp(words[0], words)


def run(*words, **options):
    """Runs a command to its end; fails with what it says."""
    done = subprocess.run(words, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)} failed with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def check(condition, text):
    """Ends the test where something is not as it is to be."""
    if not condition:
        raise SystemExit(text)


def folder():
    """A new folder in memory, which goes with the test."""
    path = tempfile.mkdtemp(dir="/run/netns")
    os.chmod(path, 0o755)
    return path


def host_root():
    """This machine's files as the file system of a container; what is written there is thrown away."""
    path = folder()
    for name in ("upper", "work", "root"):
        os.mkdir(f"{path}/{name}")
    run("mount", "-t", "overlay", "overlay", f"{path}/root",
        "-o", f"lowerdir=/,upperdir={path}/upper,workdir={path}/work")
    return f"{path}/root"


def enter(root, user, group, mounts):
    """Makes `root` the file system of this process, and gives up all rights.

    It is read-only but for the mounts (source, target, writable) that are not. The process needs a mount namespace of its
    own.
    """
    run("mount", "--rbind", root, root)
    for source, target, writable in mounts:
        place = root + target
        if os.path.isdir(source):
            os.makedirs(place, exist_ok=True)
        elif not os.path.exists(place):
            os.makedirs(os.path.dirname(place), exist_ok=True)
            open(place, "w").close()
        run("mount", "--bind", source, place)
        if not writable:
            run("mount", "-o", "remount,bind,ro", place)
    os.makedirs(root + "/proc", exist_ok=True)
    run("mount", "-t", "proc", "proc", root + "/proc")
    run("mount", "-o", "remount,bind,ro", root)
    os.chroot(root)
    os.chdir("/")
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    for capability in range(int(open("/proc/sys/kernel/cap_last_cap").read()) + 1):
        assert prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
    assert prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0


class Network:
    """Hosts on one bridge, which this process reaches, too."""

    def __init__(self):
        self.addresses = {}
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "bridge", "type", "bridge")
        run("ip", "address", "add", "10.77.0.1/24", "dev", "bridge")
        run("ip", "link", "set", "bridge", "up")

    def add(self, name, *aliases):
        """A host, known to those that start later by its name and the others given."""
        number = len(set(self.addresses.values())) + 2
        run("ip", "netns", "add", name)
        run("ip", "link", "add", f"host{number}", "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "link", "set", f"host{number}", "master", "bridge", "up")
        for words in (["link", "set", "lo", "up"], ["link", "set", "eth0", "up"],
                      ["address", "add", f"10.77.0.{number}/24", "dev", "eth0"]):
            run("ip", "-n", name, *words)
        for word in (name, *aliases):
            self.addresses[word] = f"10.77.0.{number}"
        return Host(self, name)


class Host:
    def __init__(self, network, name):
        self.network = network
        self.name = name
        self.address = network.addresses[name]

    def start(self, root, words, user=65532, mounts=(), environment=None, wait=False):
        """Starts a program, confined, and gives its process; `wait` for what ends by itself gives its exit code."""
        path = folder()
        with open(path + "/hosts", "w", encoding="utf-8") as hosts:
            hosts.write("127.0.0.1 localhost\n")
            hosts.writelines(f"{address} {name}\n" for name, address in self.network.addresses.items())
        container = {
            "root": root, "user": user, "name": self.name, "words": words,
            "mounts": [*mounts, (path + "/hosts", "/etc/hosts", False)],
            "environment": {"PATH": "/usr/local/bin:/usr/bin:/bin", **(environment or {})},
        }
        command = ["ip", "netns", "exec", self.name, "unshare", "--mount", "--uts",
                   sys.executable, __file__, json.dumps(container)]
        with open(path + "/log", "wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        process.log = path + "/log"
        return process.wait(120) if wait else process

    def get(self, path, port):
        """Status and text of an answer over HTTP; status 0 where nobody answers."""
        try:
            with urllib.request.urlopen(f"http://{self.address}:{port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def wait_for(self, path, port, process, condition=lambda text: True, seconds=120):
        """The text at a path, as soon as it is there and meets a condition."""
        end = time.monotonic() + seconds
        while True:
            status, text = self.get(path, port)
            if status == 200 and condition(text):
                return text
            said = open(process.log, encoding="utf-8", errors="replace").read()
            check(process.poll() is None, f"{self.name} has ended with {process.poll()}:\n{said}")
            check(time.monotonic() < end, f"{self.name} answers {path} with {status} {text[-2000:]}\n{said[-4000:]}")
            time.sleep(0.1)


def main():
    container = json.loads(sys.argv[1])
    socket.sethostname(container["name"])
    enter(container["root"], container["user"], container["user"], container["mounts"])
    words = container["words"]
    os.execvpe(words[0], words, container["environment"])


if __name__ == "__main__":
    main()
