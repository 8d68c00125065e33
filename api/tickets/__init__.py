"""Support tickets, as another system states them: what customers asked for, and how content they were with the answer.

``open`` until closed. Every state a ticket was known in is kept, so that what was open then, as known then, can be
told. Announces ``ticket.created``, ``.updated``, ``.archived``, ``.restored``.
"""
