"""Files out: any list, with its filters, as CSV, XLSX or JSON Lines.

An export is asked for (``running``), made by a job from one snapshot of the list, and ends ``done``, ``failed`` or
``cancelled``. Its file can be fetched for seven days, by whoever asked for it and by administrators.
Announces ``export.created``, ``.finished``, ``.failed``, ``.cancelled``, ``.expired`` (before its time, because a
person in it was erased).
"""
