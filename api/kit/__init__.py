"""The kit: everything more than one resource needs, and no word of the domain."""
