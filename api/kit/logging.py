"""Logs: one JSON object a line on standard error. Ids, names and durations; no secrets, no personal data."""

import logging
import sys
from typing import Final

import orjson
import structlog

_POOLS: Final = ("psycopg.pool", "sqlalchemy.pool")
_SPARSE_SECONDS: Final = 30.0


def configure(level: int = logging.INFO) -> None:
    """Send structlog's and the standard library's log to standard error as JSON."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _safe_exception,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[_ToStructlog()], force=True)


def _dumps(event: object, **_: object) -> bytes:
    return orjson.dumps(event, default=str)


def _safe_exception(logger: object, name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    # The frames say where; the message of a database error may quote a row, so it is left out.
    del logger, name
    cause = event.pop("exc_info", None)
    if isinstance(cause, BaseException):
        event["error"] = type(cause).__qualname__
        frames, trace = [], cause.__traceback__
        while trace is not None:
            frames.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno} {trace.tb_frame.f_code.co_name}")
            trace = trace.tb_next
        event["frames"] = frames[-12:]
    return event


class _ToStructlog(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(_POOLS) and not self._is_news(record):
            return
        event = {"logger": record.name}
        cause = record.exc_info[1] if record.exc_info else None
        text = record.getMessage()
        if len(text) > 500:
            # A traceback says at its end what happened.
            text = f"{text[:200]} … {text[-300:]}"
        structlog.get_logger("library").log(record.levelno, text, **event, exc_info=cause)

    def _is_news(self, record: logging.LogRecord) -> bool:
        # Each connection and each try complains of the same outage.
        if record.created - self._said.get(record.name, 0) < _SPARSE_SECONDS:
            return False
        self._said[record.name] = record.created
        return True
