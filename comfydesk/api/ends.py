"""The two ends of every call: the login it begins with, and the failure it may end with."""

from __future__ import annotations

import os
from collections.abc import Mapping

from comfydesk.base.errors import Problem, ReportedProblem
from comfydesk.engine.outcome import Outcome
from comfydesk.server.types import AuthKind, Credentials


def credentials_of(
    token: str | None, auth: tuple[str, str] | None, headers: Mapping[str, str] | None
) -> Credentials | None:
    """The login that was given, else the one of the environment."""
    extra = tuple((headers or {}).items())
    if token:
        return Credentials(AuthKind.BEARER, "", token, extra)
    if auth:
        return Credentials(AuthKind.BASIC, auth[0], auth[1], extra)
    if extra:
        return Credentials(AuthKind.NONE, "", "", extra)
    from comfydesk.server import secrets

    return secrets.from_environment(token_file=None, header_file=None, environ=os.environ)


def raise_failure(outcome: Outcome) -> None:
    """Raise what made the first job fail, in the words that its row has."""
    for job in outcome.jobs:
        if job.error is not None:
            raise ReportedProblem(
                job.error.code,
                job.error.message,
                job.error.next,
                node_id=job.error.node_id,
                field=job.error.field,
                details=job.error.details,
            )
    if not outcome.ok:
        left = sum(not job.state.is_final for job in outcome.jobs)
        raise Problem("unfinished" if left else "no_outputs", open=left)
