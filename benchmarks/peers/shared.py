"""What every peer does for each request: look the API key up by its hash, and write one JSON line."""

import hashlib
import json
import os
import sys
import time

DATABASE_URL = os.environ.get("BENCH_DATABASE_URL", "")
RATE = "100000000"
ORIGIN = "http://localhost:3000"


def key_hash(authorization: str) -> str | None:
    """The stored hash of the bearer key, or None without one."""
    scheme, _, key = authorization.partition(" ")
    return hashlib.sha256(key.encode()).hexdigest() if scheme.lower() == "bearer" and key else None


def write_line(method: str, path: str, status: int, started: float, workspace: object) -> None:
    """One line about a request on standard error."""
    line = {
        "time": time.time(),
        "method": method,
        "path": path,
        "status": status,
        "ms": round((time.perf_counter() - started) * 1000, 2),
        "workspace": str(workspace),
    }
    sys.stderr.write(json.dumps(line) + "\n")
