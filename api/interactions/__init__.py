"""Interactions: meetings, QBRs, calls, mails and notes, with who was there, what was decided and what is to be done.

A fact that is corrected (account, kind, time, whether it was recorded, whether it counts at all) keeps what was believed
before, so that every figure can be asked as known at any moment: :mod:`api.interactions.known`. Action items become
tasks with the interaction as their origin.

Announces ``interaction.created``, ``.updated``, ``.archived``, ``.restored``; tasks announce themselves.
"""
