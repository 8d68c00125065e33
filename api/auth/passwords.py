"""Password hashing with argon2id, on few threads of its own: hashing must not block the event loop."""

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

_hasher: Final = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))
_threads: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")
# Of a password that nobody has, with the parameters above: made at each start it would make the start wait.
NOBODYS_HASH: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$dmxRLyZzcUGrVKAho52sNA$4Pig0TImk8rNwKCiBQHDnwN6Ap0P6bqaYSYzUlCpvbw"
)


async def hash_password(password: str) -> str:
    """The hash to store."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, _as_typed(password))


async def is_password(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one. Without a stored hash it takes just as long, and is False."""
    loop = asyncio.get_running_loop()
    matches = await loop.run_in_executor(_threads, _hasher.verify, _as_typed(password), stored or NOBODYS_HASH)
    return matches and stored is not None


def _as_typed(password: str) -> str:
    # Keyboards differ in how they compose が and é.
    return unicodedata.normalize("NFC", password)
