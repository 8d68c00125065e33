"""Tasks: whatever someone must do, wherever it came from.

``open → in_progress → done``, or ``cancelled``. A task that needs a check goes to ``in_check`` when it is completed,
and is ``done`` once a second person has approved it; sent back, it is ``in_progress`` again.

Other packages open tasks through :func:`api.tasks.service.open_tasks`, with a key so that a rule opens its task once
while it is not over. Announces ``task.created``, ``.updated``, ``.submitted`` (to be checked), ``.sent_back``,
``.completed``, ``.cancelled``, ``.reopened``, ``.archived`` and ``.restored``.
"""
