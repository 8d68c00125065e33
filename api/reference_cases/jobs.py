"""What reference cases do on a schedule, and because words of a catalogue changed."""

from api.reference_cases import catalogue, published

__all__ = ["catalogue", "published"]
