"""Perennial: an API-first customer success platform."""
