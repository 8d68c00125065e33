"""Files in: CSV, XLSX and JSON Lines become records, as a job with progress, a report per row, and a resume.

An import waits for its file (``waiting_for_file``), is ``ready`` once the file's head was looked at, ``running`` after
``:start``, and ends ``done``, ``failed`` or ``cancelled``. It announces ``import.started``, ``import.finished``,
``import.failed`` and ``import.cancelled``. What can be imported is registered in ``targets``.
"""
