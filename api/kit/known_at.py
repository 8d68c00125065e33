"""When facts that are brought in count as known: on the day they are about, or from now on."""

from enum import StrEnum


class KnownAt(StrEnum):
    """When imported facts count as known: on the day they are about, or now."""

    fact_date = "fact_date"
    import_time = "import_time"
