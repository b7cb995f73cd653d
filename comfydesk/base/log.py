"""The log file, with secrets scrubbed before anything is written."""

from __future__ import annotations

import logging
import logging.handlers
import re
from pathlib import Path

_SECRETS = (
    (
        re.compile(r"(?i)(authorization|x-api-key|cookie)(['\"]?\s*[:=]\s*['\"]?)(?:(?:bearer|basic)\s+)?[^\s,'\"}]+"),
        r"\1\2***",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=._~-]{8,}"), r"\1 ***"),
    (re.compile(r"(?i)([?&;](?:token|api_key|key|password|auth)=)[^&\s'\"]+"), r"\1***"),
    (re.compile(r"(://)[^/\s:@]+:[^/\s@]+@"), r"\1***@"),
)


def scrub(text: str) -> str:
    """Replace what looks like a credential by ``***``."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class ScrubbingFormatter(logging.Formatter):
    """Formats as usual, then scrubs: exception texts carry URLs and headers too."""

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


class LogFile(logging.handlers.RotatingFileHandler):
    """A log that cannot be written (a full disk) is no reason to print tracebacks to the terminal."""

    def handleError(self, record: logging.LogRecord) -> None:
        pass


def start(folder: Path, *, level: int = logging.INFO) -> Path:
    """Write the `comfydesk` log to `folder`/comfydesk.log (1 MiB, three old files). Returns the file.

    Safe to call again with another folder (the window moves between the real home and the demo's).
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "comfydesk.log"
    handler = LogFile(
        file, maxBytes=1 << 20, backupCount=3, encoding="utf-8", delay=True, errors="backslashreplace"
    )  # names of files need not be UTF-8
    handler.setFormatter(ScrubbingFormatter("%(asctime)s %(levelname)s %(name)s %(threadName)s: %(message)s"))
    logger = logging.getLogger("comfydesk")
    for old in [h for h in logger.handlers if isinstance(h, logging.handlers.RotatingFileHandler)]:
        logger.removeHandler(old)
        old.close()
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False
    return file
