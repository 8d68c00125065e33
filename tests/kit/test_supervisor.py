"""The supervisor: order of start, restarts, and that nothing is left behind."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.kit.postgres import FAST_UNSAFE, Cluster
from api.kit.supervisor import Command, Supervisor
from tests.support.folders import fast_folder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs the parent-death signal and /proc")

REPOSITORY = Path(__file__).parents[2]
PROC = Path("/proc")

SERVE = """
import os, subprocess, sys, time
from pathlib import Path
from api.kit.postgres import Cluster, FAST_UNSAFE
from api.kit.supervisor import Command, Supervisor

folder, data, child, after = Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
journal = folder / "journal"

def note(text):
    with journal.open("a") as file:
        file.write(text + "\\n")

def ready():
    note("ready")
    exec(after)

cluster = Cluster(Path(data), config=FAST_UNSAFE) if data else None
argv, begun = [sys.executable, "-S", "-c", child, str(journal)], None
exec(sys.argv[5])
commands = [Command("child", argv, {**os.environ, "WHO": "me"}, begun)]
code = Supervisor(cluster, commands, on_postgres_ready=ready, stop_seconds=0.8).run()
note(f"code {code}")
sys.exit(code)
"""
NOTE = """
import os, signal, subprocess, sys, time
def note(text):
    with open(sys.argv[1], "a") as file:
        file.write(text + "\\n")
"""
POLITE = f"""{NOTE}
def end(*_):
    note("bye")
    sys.exit()
signal.signal(signal.SIGTERM, end)
note(f"child {{os.getpid()}}")
while True:
    time.sleep(9)
"""
STUBBORN = f"""{NOTE}
signal.signal(signal.SIGTERM, signal.SIG_IGN)
note(f"child {{os.getpid()}}")
while True:
    time.sleep(9)
"""
BEGIN = 'begun = subprocess.Popen([*argv, "begun"], stdin=subprocess.PIPE, start_new_session=True)'
TOLD = f"""{NOTE}
import json
if "begun" in sys.argv:
    note("told: " + json.load(sys.stdin)["WHO"])
else:
    note("started: " + os.environ["WHO"])
note(f"child {{os.getpid()}}")
while True:
    time.sleep(9)
"""
PARENT = f"""{NOTE}
worker = subprocess.Popen(["sleep", "60"])
note(f"worker {{worker.pid}}")
note(f"child {{os.getpid()}}")
while True:
    time.sleep(9)
"""
FAILING = f"""{NOTE}
note(f"child {{os.getpid()}}")
"""


class Serve:
    """A supervisor in a process and session of its own."""

    def __init__(self, folder: Path, data: Path | None, child: str, after: str = "", begin: str = "") -> None:
        self.data = data
        self.journal = folder / "journal"
        self.journal.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(folder), str(data or ""), child, after, begin],
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(REPOSITORY), *filter(None, sys.path)])},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def notes(self, word: str = "") -> list[str]:
        with contextlib.suppress(FileNotFoundError):
            return [line for line in self.journal.read_text().splitlines() if line.startswith(word)]
        return []

    def pids(self, word: str = "child") -> list[int]:
        return [int(line.split()[1]) for line in self.notes(word)]

    def child(self, number: int = 1) -> int:
        until(lambda: len(self.pids()) >= number or self.process.poll() is not None)
        return self.pids()[number - 1]

    def postmaster(self) -> int:
        """Process id of the server that accepts connections; 0 while there is none."""
        assert self.data
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return 0
        return int(lines[0]) if len(lines) > 7 and lines[7].strip() == "ready" else 0

    def next_postmaster(self, before: int) -> int:
        until(lambda: self.postmaster() not in {0, before})
        return self.postmaster()

    def nothing_left(self) -> bool:
        pids = self.pids() + self.pids("worker")
        return all(gone(pid) for pid in pids) and not (self.data and servers(self.data))

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    path = fast_folder("perennial-serve-")
    with Cluster(path / "data", config=FAST_UNSAFE):
        pass
    yield path / "data"
    shutil.rmtree(path)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Serve]]:
    """Starts supervisors; in the end nothing of theirs may run."""
    started: list[Serve] = []

    def start(data: Path | None = None, child: str = POLITE, after: str = "", begin: str = "") -> Serve:
        started.append(Serve(tmp_path, data, child, after, begin))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()
        until(one.nothing_left)


def servers(data: Path) -> list[int]:
    found = []
    for process in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink() == data:
                found.append(int(process.name))
    return found


def gone(pid: int) -> bool:
    """Whether a process ended; nobody may have reaped it yet."""
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_postgres_then_callback_then_children_and_back(serve: Callable[..., Serve], data: Path) -> None:
    one = serve(data)
    child = one.child()
    assert one.notes() == ["ready", f"child {child}"]
    server = one.postmaster()
    assert one.end() == 0
    assert one.notes()[2:] == ["bye", "code 0"]
    assert gone(child)
    assert gone(server)
    assert servers(data) == []


def test_a_begun_child_is_told_its_environment_and_later_started_as_usual(serve: Callable[..., Serve]) -> None:
    one = serve(child=TOLD, begin=BEGIN)
    first = one.child()
    assert one.notes() == ["told: me", f"child {first}"]
    os.kill(first, signal.SIGKILL)
    second = one.child(2)
    assert one.notes()[2:] == ["started: me", f"child {second}"]
    assert one.end() == 0
    assert gone(second)


def test_a_begun_child_that_died_meanwhile_is_started_as_usual(serve: Callable[..., Serve]) -> None:
    one = serve(child=TOLD, begin=f"{BEGIN}; begun.kill(); time.sleep(0.2)")
    child = one.child()
    assert one.notes() == ["started: me", f"child {child}"]
    assert one.end() == 0


def test_ctrl_c_twice_leaves_nothing(serve: Callable[..., Serve], data: Path) -> None:
    one = serve(data, STUBBORN)
    one.child()
    # As a terminal does: to the whole group, in which the children are not.
    os.killpg(one.process.pid, signal.SIGINT)
    time.sleep(0.1)
    os.killpg(one.process.pid, signal.SIGINT)
    assert one.process.wait(20) == 0
    assert gone(one.child())
    assert servers(data) == []


def test_killed_supervisor_takes_children_and_postgres_along(serve: Callable[..., Serve], data: Path) -> None:
    one = serve(data)
    child = one.child()
    one.process.kill()
    one.process.wait()
    until(lambda: gone(child) and servers(data) == [])
    assert one.notes("bye") == ["bye"]


def test_control_child_without_the_leash_outlives_a_killed_supervisor(
    serve: Callable[..., Serve],
) -> None:
    one = serve(child=PARENT)
    one.child()
    worker = one.pids("worker")[0]
    one.process.kill()
    one.process.wait()
    until(lambda: gone(one.child()))
    time.sleep(0.1)
    assert not gone(worker)
    os.kill(worker, signal.SIGKILL)


def test_killed_postmaster_comes_back_and_children_stay(serve: Callable[..., Serve], data: Path) -> None:
    one = serve(data)
    child = one.child()
    server = one.postmaster()
    for _ in range(2):
        os.kill(server, signal.SIGKILL)
        server = one.next_postmaster(server)
    assert one.notes() == ["ready", f"child {child}"]
    assert one.end() == 0


def test_postgres_that_cannot_start_is_tried_until_it_can(serve: Callable[..., Serve], data: Path) -> None:
    one = serve(data)
    child = one.child()
    control = data / "global" / "pg_control"
    control.rename(control.with_name("away"))
    server = one.postmaster()
    os.kill(server, signal.SIGKILL)
    time.sleep(1.5)
    assert one.process.poll() is None
    assert not gone(child)
    control.with_name("away").rename(control)
    one.next_postmaster(server)
    assert one.end() == 0
    assert one.process.stderr
    assert one.process.stderr.read().count("cannot start, trying every second") == 1


def test_killed_child_comes_back_and_its_workers_are_ended(serve: Callable[..., Serve]) -> None:
    one = serve(child=PARENT)
    first = one.child()
    worker = one.pids("worker")[0]
    os.kill(first, signal.SIGKILL)
    assert one.child(2) != first
    assert gone(worker)
    assert one.end() == 0
    assert all(gone(pid) for pid in one.pids() + one.pids("worker"))


def test_failing_child_is_tried_with_growing_pauses(serve: Callable[..., Serve]) -> None:
    one = serve(child=FAILING)
    one.child(3)
    assert one.end() == 0
    assert one.process.stderr
    warnings = one.process.stderr.read().splitlines()
    assert [line.rpartition(" in ")[2] for line in warnings[:2]] == ["0.2 s", "0.4 s"]


def test_stubborn_child_is_killed(serve: Callable[..., Serve]) -> None:
    one = serve(child=STUBBORN)
    child = one.child()
    began = time.monotonic()
    assert one.end() == 0
    assert time.monotonic() - began > 0.7
    assert gone(child)


def test_failing_callback_stops_postgres(serve: Callable[..., Serve], data: Path) -> None:
    one = serve(data, after="raise SystemExit('no migration')")
    assert one.process.wait(20) == 1
    assert one.notes() == ["ready"]
    assert servers(data) == []


def test_ctrl_c_interrupts_the_callback(serve: Callable[..., Serve], data: Path) -> None:
    one = serve(data, after="import time; note('slow'); time.sleep(60)")
    until(lambda: one.notes("slow") != [])
    assert one.end(signal.SIGINT) == 0
    assert one.notes("child") == []
    assert servers(data) == []


def test_second_supervisor_uses_the_server_and_takes_over(
    serve: Callable[..., Serve], data: Path, tmp_path: Path
) -> None:
    owner = serve(data)
    owner.child()
    server = owner.postmaster()
    (tmp_path / "second").mkdir()
    guest = Serve(tmp_path / "second", data, POLITE)
    try:
        guest.child()
        assert guest.postmaster() == server
        owner.process.kill()
        owner.process.wait()
        guest.next_postmaster(server)
        assert guest.end() == 0
    finally:
        guest.process.kill()
        guest.process.communicate()
    assert servers(data) == []


def test_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    supervisor = Supervisor(None, [Command("never started", ["false"])])
    supervisor._stopping = True
    assert supervisor.run() == 0
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
