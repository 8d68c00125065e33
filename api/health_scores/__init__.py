"""Health: models that are versions, snapshots of scores, and the backtests that models must pass.

A *health model* is an immutable version: ``draft`` → ``backtested`` → (``shadow``) → ``active`` → ``retired``. Only a
draft can be edited, and it becomes active when a backtest of its exact definition has passed, or an administrator
overrides that with a reason that is kept. Of the active models that are for an account's phase and segment, the one
with the lowest priority applies.

A *health score* is an immutable snapshot with the raw values and points of every component, so that each change can be
told in parts. Maturity, where a model has levels, climbs one level a week at most, and falls only when the person in
charge at the customer changes.

Announces ``health_model.created``, ``.updated``, ``.backtested``, ``.shadowed``, ``.activated``, ``.retired``,
``.archived``, ``.restored``; ``backtest.created``, ``.done``, ``.failed``, ``.cancelled``;
``health_score_run.created``, ``.done``, ``.failed``; ``account.health_band_changed``, ``account.maturity_changed``.

A *health target* says what an account should reach by a day; it is judged once, at its week's snapshot. An *approach
score* says when to make contact: the sum of *intents* (posted, or taken from the event log) that fade with a half-life.

Announces ``health_target.created``, ``.updated``, ``.met``, ``.missed``, ``.archived``, ``.restored``;
``approach_intent.created`` for posted ones; ``approach_score.crossed`` (a task was opened), ``.overridden``,
``.override_withdrawn``.
"""
