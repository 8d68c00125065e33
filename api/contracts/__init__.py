"""Contracts: what customers bought, for how long, and the ledger of recurring revenue that follows from it.

A contract has items (what, how much, at which price), terms (each a decision of the customer at its end) and, while
nobody ended it, no end. Its states are ``scheduled → running → (notified | overdue) → ended``; a renewal brings it
back. Every change of a contract is followed by the ledger: MRR movements are derived, never written by hand, and
the ledger is only added to.

Announces ``contract.created``, ``.updated``, ``.amended``, ``.renewed``, ``.notice_given``, ``.terminated``,
``.reinstated``, ``.lapsed``, ``.archived``, ``.restored`` and ``account.mrr_changed``.
"""
