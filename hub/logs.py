"""Logs: one line per event on standard output, JSON for machines or coloured for a terminal, never a secret."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

SECRET_WORDS = ("password", "passwd", "secret", "token", "authorization", "cookie")
HIDDEN = "***"


def hide_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank every value whose name says it is one to keep."""
    for name in event:
        if any(word in name.lower() for word in SECRET_WORDS):
            event[name] = HIDDEN
    return event


class LastingHandler(logging.StreamHandler[TextIO]):
    """Writes to a stream that may have lost its reader or stand on a full disk: neither breaks whoever has something to
    say, nor an orderly stop. Lines that could not be written are counted, and the next one that can says how many."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.unwritten = 0

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record)
        except Exception:
            self.handleError(record)
            return
        try:
            self.stream.write(text + self.terminator)
            self.stream.flush()
        except OSError:
            self.unwritten += 1
            return
        if self.unwritten:
            count, self.unwritten = self.unwritten, 0
            structlog.get_logger().warning("log_lines_not_written", count=count)

    def close(self) -> None:
        try:
            self.stream.flush()
        except OSError:
            # The interpreter would try once more at its very end, and complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())
        except ValueError:
            # Closed by whoever it belongs to.
            pass
        super().close()


def configure(process: str, form: str = "auto", level: str = "info") -> None:
    """Set up structlog and the standard library's logging for one process.

    `form` is json, pretty or auto (pretty in a terminal). Request ids and the like reach every line through
    `structlog.contextvars`.
    """
    pretty = form == "pretty" or (form == "auto" and sys.stdout.isatty())
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if pretty else "iso", utc=not pretty),
        _name_process(process),
        hide_secrets,
    ]
    last: list[structlog.types.Processor] = (
        [
            structlog.dev.ConsoleRenderer(
                colors=sys.stdout.isatty(),
                pad_event_to=28,
                # The rich one prints local variables, and so whatever secret is among them.
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
        if pretty
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    handler = LastingHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Others' chatter: their start-up lines, and addresses with query strings, which may hold a secret.
    for name in ("uvicorn.error", "httpx", "httpcore", "alembic", "pgqueuer", "asyncio", "mqtt"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _name_process(process: str) -> structlog.types.Processor:
    def add(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["process"] = process
        return event

    return add
