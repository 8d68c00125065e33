"""People at accounts, and their part in decisions.

An account has at most one *primary* contact. Changing it announces ``account.primary_contact_changed``, which
resets maturity, raises a signal and asks for the goals to be confirmed; it can be reverted. A person can be
erased on request: every column marked personal is scrubbed, in every table that refers to the person.
Announces ``contact.created``, ``.updated``, ``.archived``, ``.restored``, ``.left``, ``.erased``.
"""
