"""Perennial measured beside its peers: the same machine, database, rows and indexes, in one run (`make bench`)."""
