"""Reference cases: what customers achieved with us, as numbers, and who may see and use which of them.

A case names what was done (initiatives) and what came of it (outcomes: a metric, its baseline, its result).
``draft → in_review → approved → retired``. A change of an approved case opens a revision that needs a review of its own;
readers keep what was approved last, and approved versions are never changed.

Nothing leaves the workspace without a consent: one row for each grant, with its acts, fields, audience, excluded
companies and end. :mod:`~api.reference_cases.visibility` is the one place that says what an audience may see of a case at a
moment; :mod:`~api.reference_cases.published` is told of everything that may change its answer.

Requests are live asks: who would speak to which prospect. Customers are asked seldom: a reservation takes its
place under a lock, and reasons not to ask an account stay inside.

Announces ``reference_case.created``, ``.updated``, ``.submitted``, ``.approved``, ``.returned``, ``.retired``;
``reference_consent.created``, ``.revoked``, ``.reconfirmed``; ``initiative``, ``outcome_metric`` and
``reference_profile`` with ``.created`` and ``.updated``; ``reference_request.created``, ``.updated``;
``reference_ask.reserved``, ``.updated``; ``reference_candidate.found``, ``.accepted``, ``.dismissed``.
"""
