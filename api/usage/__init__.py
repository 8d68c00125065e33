"""Usage: what customers do with the products, by metric, account and day.

A *metric* is an entry of the catalogue (key, unit, how days are summed up). *Measurements* come in bulk, as JSON, JSON
Lines or a file, and are idempotent: the same value again is nothing, another value is a correction that keeps the
superseded one. Days live in monthly partitions that a job makes and retires; weeks are rolled up in the transaction that
brings the days, and stay. *Utilisation* is active ÷ licensed; from it follows the *usage status* of an account, with
its history. Announces ``usage_metric.created``, ``.updated``, ``.archived``, ``.restored``, one ``usage.recorded`` per
batch, and ``account.usage_status_changed``.
"""
