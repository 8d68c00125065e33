"""The embedded Postgres: finds the binaries, makes the data folder, runs the server, leaves none behind."""

from api.kit.postgres.cluster import DURABLE, FAST_UNSAFE, Cluster
from api.kit.postgres.errors import PostgresUnavailable

__all__ = ["DURABLE", "FAST_UNSAFE", "Cluster", "PostgresUnavailable"]
