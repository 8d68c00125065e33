"""Records of an XLSX file, read by a process of its own."""

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Any, Final

import orjson

from api.imports import workbook_process
from api.imports.refusals import refusal
from api.imports.schemas import MOST_COLUMNS

MEGABYTES: Final = 2048
"""Address space of the process."""
_LONGEST_ROW_BYTES: Final = 16 * 1024 * 1024
TOO_MANY_COLUMNS: Final = refusal(
    "too_many_columns", f"At most {MOST_COLUMNS} columns", f"列は {MOST_COLUMNS} 個以内にしてください"
)
UNREADABLE: Final = refusal(
    "unreadable_workbook",
    "The workbook cannot be read: it is damaged, locked by a password, or too large once unpacked",
    "ブックを読み込めません。破損しているか、パスワードで保護されているか、展開後のサイズが大きすぎます",
)


async def workbook_rows(chunks: AsyncIterator[bytes]) -> AsyncGenerator[list[Any], None]:
    """First ``[rows]``, then the cells of each row of the first sheet.

    Raises:
        FileRefusedError: It cannot be read.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", workbook_process.__name__, str(MEGABYTES), str(MOST_COLUMNS),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        limit=_LONGEST_ROW_BYTES,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with suppress(BrokenPipeError, ConnectionResetError):
            async for chunk in chunks:
                process.stdin.write(chunk)
                await process.stdin.drain()
            process.stdin.close()
        async for line in process.stdout:
            found = orjson.loads(line)
            yield [found["rows"]] if isinstance(found, dict) else found
        status = await process.wait()
    except ValueError as error:  # a line beyond the limit
        raise UNREADABLE from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if status:
        raise TOO_MANY_COLUMNS if status == workbook_process.TOO_WIDE else UNREADABLE
