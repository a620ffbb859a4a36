"""A portal or a bare application behind gunicorn with two workers, and the CPU and memory of its processes."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(pid: int) -> list[int]:
    """A process and its living descendants."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            waiting += [int(child) for child in task.read_text().split()]
    return found


def cpu_by_process(pid: int) -> dict[int, float]:
    """CPU seconds that a process and each of its descendants have used, by process id."""
    found = {}
    for one in family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        found[one] = (int(fields[11]) + int(fields[12])) / TICKS
    return found


def cpu_seconds(pid: int) -> float:
    """CPU seconds that a process and its descendants have used."""
    return sum(cpu_by_process(pid).values())


def parts_of(pid: int) -> dict[int, str]:
    """What each process of `portal up` is: supervisor, arbiter, web (those below the arbiter) or watch."""
    below = {one: family(one)[1:] for one in family(pid)}
    children = [one for one in below[pid] if not any(one in below[other] for other in below[pid])]
    found = {pid: "supervisor"}
    for one in children:
        found[one] = "arbiter" if below[one] else "watch"
        found |= dict.fromkeys(below[one], "web")
    return found


def resident_mb(pid: int) -> float:
    """Memory of a process and its descendants in MB, shared pages counted once (PSS)."""
    total = 0
    for one in family(pid):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def largest_mb(pid: int) -> float:
    """The most memory in MB that any process of a family has held so far, shared pages included."""
    found = [0]
    for one in family(pid):
        lines = Path(f"/proc/{one}/status").read_text().splitlines()
        found += [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return max(found) / 1024


@contextmanager
def running(*command: str, env: dict[str, str]) -> Iterator[int]:
    """A child process for the time of a measurement, ended by its own id."""
    with subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=os.environ | env, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as child:  # fmt: skip
        try:
            yield child.pid
        finally:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()


def answering(port: int, probe: str) -> None:
    """Waits until the probe answers; raises RuntimeError after half a minute and more."""
    for _ in range(150):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{probe}", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"{probe} did not answer")


@contextmanager
def served(target: str, env: dict[str, str], probe: str) -> Iterator[tuple[int, int]]:
    """gunicorn, two gthread workers of eight threads: (process id, port), once the probe answers."""
    port = free_port()
    command = ("-m", "gunicorn", "-w", "2", "-k", "gthread", "--threads", "8", "-b", f"127.0.0.1:{port}")
    with running(*command, "--keep-alive", "75", target, env=env) as pid:
        answering(port, probe)
        yield pid, port
