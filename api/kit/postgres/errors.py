"""The one error of this package."""


class PostgresUnavailable(Exception):  # noqa: N818 - a state of the world, named as the callers say it
    """The embedded Postgres cannot be used; the message says why and what to do."""
