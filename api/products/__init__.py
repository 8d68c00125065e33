"""The catalogue: what the workspace sells, and what success with it means.

A product's *success definition* is a statement and the value milestone that time to value is measured to; a
segment may have its own. Announces ``product.created``, ``.updated``, ``.archived``, ``.restored``.
"""
