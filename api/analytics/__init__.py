"""Analytics: what the ledger, the contracts and the accounts say, added up; and the screens made of them.

It only reads, but for *acquisition costs*, which a workspace states. :mod:`api.analytics.retention` is the arithmetic
of the metric definitions; the other modules ask Postgres for its inputs, from the exact ledger or, where the question
fits and nothing is stale, from its rollups (:mod:`api.contracts.rollup`). Every answer says which, what it is about
(``as_of``, ``known_at``), by which definition, and in which currency.

Announces ``acquisition_cost.created``, ``.updated``, ``.archived`` and ``.restored``.
"""
