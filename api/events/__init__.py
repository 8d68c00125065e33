"""The change feed: every fact of the workspace in commit order, without gaps, to keep a copy in step.

A fact gets its ``position`` shortly after its transaction has committed, and only then appears. A reader
remembers the last position it has seen and asks for what came after.
"""
