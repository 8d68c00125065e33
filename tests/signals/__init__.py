"""Signals: rules, acts, and a customer whose person in charge changes."""
