"""Reads a workbook in a process of its own: its sheet as JSON Lines.

``python -m api.imports.workbook_process MEGABYTES MOST_COLUMNS < book.xlsx``. A workbook of some kilobytes can say that
it has a cell in the last of 16,384 columns and the last of a million rows, and the library then allocates all cells
between. Here the operating system refuses the memory, and nothing ends but this process.
"""

import datetime as dt
import io
import json
import resource
import sys
from typing import Final

MEGABYTE: Final = 1024 * 1024
TOO_WIDE: Final = 3
UNREADABLE: Final = 4


def main(megabytes: int, most_columns: int) -> int:
    """Write ``{"rows": n}`` and one list of cells per row; the process's exit status."""
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * MEGABYTE, megabytes * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import python_calamine  # noqa: PLC0415 - within the limit

    content = sys.stdin.buffer.read()
    try:
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        if sheet.total_width > most_columns:
            return TOO_WIDE
        write = sys.stdout.write
        write(json.dumps({"rows": sheet.total_height}) + "\n")
        for row in sheet.to_python(skip_empty_area=False):
            write(json.dumps([_plain(cell) for cell in row], ensure_ascii=False) + "\n")
        sys.stdout.flush()
    except (python_calamine.CalamineError, ValueError, IndexError, MemoryError):
        return UNREADABLE
    return 0


def _plain(cell: object) -> object:
    """The cell as JSON has it: what looks like a whole number is one, a day has no midnight."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, (dt.date, dt.time)):
        return cell.isoformat()
    return cell if isinstance(cell, (str, int, float, bool)) else str(cell)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
