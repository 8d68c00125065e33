"""Product gaps: what customers miss in the product, who misses it, and what it puts at risk.

A gap is ``open → planned → in_progress → shipped``, or ``declined``; both ends can be opened again. Each account that
misses it has reports. The figures (MRR affected, MRR at risk, renewals due) are summed over distinct accounts when they
are read. Shipping opens one task for each account and person who reported.

Announces ``product_gap.created``, ``.updated``, ``.status_changed``, ``.reported``, ``.merged``, ``.absorbed``, ``.archived``,
``.restored``, and the creations and changes of ``product_gap_report`` and ``product_gap_comment``.
"""
