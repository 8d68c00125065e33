"""Password hashing with argon2id, on few threads of its own: hashing must not block the event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

_hasher: Final = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))
_threads: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")


def hash_now(password: str) -> str:
    """The hash of a password, in this thread."""
    return _hasher.hash(password)


async def hash_password(password: str) -> str:
    """The hash to store."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def is_password(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one. Without a stored hash it takes just as long, and is False."""
    loop = asyncio.get_running_loop()
    matches = await loop.run_in_executor(_threads, _hasher.verify, password, stored or _nobodys_hash())
    return matches and stored is not None


@lru_cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this password")
