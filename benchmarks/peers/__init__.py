"""The same two operations built the usual way. They run in an environment of their own (see requirements.lock)."""
