"""Customers: accounts, their team, phases, hierarchy, segments, saved views and custom fields.

Phases run ``onboarding → adoption ⇄ renewal``, any of them ``→ churned``, and ``churned → onboarding`` when an
account comes back. Announces ``account.*`` (``created``, ``updated``, ``archived``, ``restored``, ``phase_changed``,
``merged``), ``account_team.*``, ``segment.*``, ``saved_view.*``, ``assignment_policy.*``, ``custom_field.*``.

What lists of accounts show but later packages know (MRR, seats, renewal date, health …) lives in
``account_standing``, one narrow row per account that those packages write set-based.
"""
