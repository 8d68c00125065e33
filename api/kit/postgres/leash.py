"""Become a command that gets a signal when its parent dies: ``leash.py SIGNAL PARENT UID GID COMMAND…``.

Run by path in an isolated interpreter, so it imports nothing of the project. It replaces ``preexec_fn``,
which may deadlock in a process with threads and warns there since Python 3.12.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(signal_number: int, parent: int, uid: int, gid: int, command: list[str]) -> None:
    """Drop to the account (-1: stay), ask for the signal and become the command."""
    libc = ctypes.CDLL(None, use_errno=True)
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After setuid: a change of account clears the parent-death signal.
        if libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
            sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
        if os.getppid() != parent:
            # The parent died before the signal was asked for.
            sys.exit("the parent process is gone")
    try:
        os.execvp(command[0], command)  # noqa: S606 - the caller's own command, no shell
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
