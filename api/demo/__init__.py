"""Demo data: two companies to try the service with, and ``demo.json``, which says how to sign in to them."""
