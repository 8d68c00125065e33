"""When facts that are brought in count as known: on the day they are about, when a column says, or from now on."""

from enum import StrEnum


class KnownAt(StrEnum):
    """When imported facts count as known: on the day they are about, when a column says, or now."""

    fact_date = "fact_date"
    column = "column"
    import_time = "import_time"
