"""Settings, read once from the environment (prefix ``PERENNIAL_``; ``DATABASE_URL`` has none).

In production mode the service refuses to start on a default that would be unsafe there.
"""

from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Environment(StrEnum):
    """Where the service runs; production refuses unsafe defaults."""

    development = "development"
    production = "production"


DEVELOPMENT_SECRET = "perennial-development-secret-do-not-use-in-production"  # noqa: S105


class Settings(BaseSettings):
    """Every setting of the service, with its development default."""

    model_config = SettingsConfigDict(
        env_prefix="PERENNIAL_", extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    environment: Environment = Field(
        Environment.development, description="development or production, which refuses unsafe defaults."
    )
    data: Path = Field(Path(".perennial"), description="Folder of the embedded Postgres and of demo.json.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    metrics_port: int = Field(0, ge=0, le=65535, description="Private port of /metrics; 0 turns it off.")
    base_url: str = Field("", description="Address under which callers reach the service.")

    database_url: SecretStr = Field(
        SecretStr(""), validation_alias="DATABASE_URL", description="Application role's URL; empty: embedded."
    )
    owner_url: SecretStr = Field(SecretStr(""), description="Owner role's URL, for migrations.")
    worker_url: SecretStr = Field(SecretStr(""), description="Worker role's URL; the worker needs it.")
    replica_url: SecretStr = Field(SecretStr(""), description="Application role's URL at a read replica.")
    pool_size: int = Field(10, ge=1, description="Connections of one process.")
    pool_wait_seconds: float = Field(2.0, gt=0, description="Longest wait for a connection before 503.")
    statement_timeout_seconds: float = Field(20.0, gt=0, description="Longest run of one statement of a request.")
    job_statement_timeout_seconds: float = Field(
        300.0, gt=0, description="Longest run of one statement of a job, which may be about every account."
    )
    prepared_statements: bool = Field(default=True, description="False behind PgBouncer < 1.21.")
    upload_bytes: int = Field(500_000_000, ge=1, description="Largest file that may be uploaded.")
    workbook_bytes: int = Field(20_000_000, ge=1, description="Largest XLSX file: it is read whole.")

    usage_months_kept: int = Field(
        37, ge=13, description="Whole months of which usage is kept by day; the weeks of older ones stay."
    )

    secret_key: SecretStr = Field(
        SecretStr(DEVELOPMENT_SECRET), description="Root of cursor, key-hash and encryption keys."
    )
    access_token_seconds: int = Field(600, ge=60, le=3600, description="Life of an access token; 3600 at most.")
    refresh_token_days: int = Field(30, ge=1, le=365, description="Life of a sign-in; then the password again.")
    refresh_grace_seconds: int = Field(20, ge=0, le=300, description="How long a used refresh token may come back.")

    cors_origins: Annotated[list[str], NoDecode] = Field(
        ["http://localhost:3000", "http://localhost:5173"], description="Comma-separated origins."
    )
    rate_limit_per_minute: int = Field(1000, ge=1, description="Per credential.")
    rate_limit_url: str = Field("memory://", description="memory:// or redis://… shared by processes.")
    workspace_concurrency: int = Field(32, ge=1, description="Requests of one workspace at once per process.")
    process_concurrency: int = Field(128, ge=1, description="Requests of one process at once; more get 503.")

    @model_validator(mode="before")
    @classmethod
    def _split_origins(cls, values: dict[str, object]) -> dict[str, object]:
        for key in ("cors_origins", "PERENNIAL_CORS_ORIGINS"):
            if isinstance(text := values.get(key), str):
                values[key] = [origin.strip() for origin in text.split(",") if origin.strip()]
        return values

    @model_validator(mode="after")
    def _refuse_unsafe_production(self) -> Self:
        if self.environment is not Environment.production:
            return self
        unsafe = []
        secret = self.secret_key.get_secret_value()
        if secret == DEVELOPMENT_SECRET or len(secret) < 32:
            unsafe.append("PERENNIAL_SECRET_KEY must be set to 32 or more random characters")
        if not self.database_url.get_secret_value():
            unsafe.append("DATABASE_URL must be set (the embedded Postgres is for development)")
        if not self.base_url.startswith("https://"):
            unsafe.append("PERENNIAL_BASE_URL must be an https:// address")
        if any(urlsplit(origin).scheme != "https" for origin in self.cors_origins):
            unsafe.append("PERENNIAL_CORS_ORIGINS must list https:// origins only")
        if unsafe:
            raise ValueError("unsafe in production: " + "; ".join(unsafe))
        return self

    @property
    def public_url(self) -> str:
        """The base URL without a trailing slash; in development derived from host and port."""
        return (self.base_url or f"http://localhost:{self.port}").rstrip("/")

    def for_jobs(self) -> Self:
        """These settings with the time limit of jobs."""
        return self.model_copy(update={"statement_timeout_seconds": self.job_statement_timeout_seconds})


@lru_cache
def settings() -> Settings:
    """The process's settings."""
    return Settings()
