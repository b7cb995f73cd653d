"""How a command says what went wrong: one sentence, the next step, an exit code. Never a traceback."""

from __future__ import annotations

import json
import logging

from comfydesk.base.errors import Problem
from comfydesk.cli import streams

log = logging.getLogger(__name__)


def tell(problem: Problem, *, as_json: bool = False) -> int:
    """Say a problem on standard error (and as a JSON line on standard output if `as_json`). Returns its exit code."""
    log.warning("%s (%s) %s", problem.message, problem.code, problem.details)
    streams.say(f"comfydesk: {problem.message}\n           {problem.next_step}")
    if as_json:
        error = {"code": problem.code, "message": problem.message, "next": problem.next_step}
        error |= {"node": problem.node_id, "field": problem.field}  # type: ignore[dict-item]
        try:
            print(json.dumps({"type": "result", "ok": False, "jobs": [], "error": error}), flush=True)
        except OSError:  # it was said on standard error, and the exit code says it
            streams.give_up_output()
    return problem.exit_code


def as_problem(exc: BaseException, log_file: str) -> Problem:
    """What the user hears of an exception that nobody foresaw; the traceback goes to the log."""
    log.error("unforeseen", exc_info=exc)
    return Problem("internal", detail=f"{type(exc).__name__}: {exc}".rstrip("."), log=log_file)
