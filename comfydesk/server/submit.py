"""POST /prompt and the reading of its answer: the one request that must never be repeated blindly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.server.body import UndecodableError, loads
from comfydesk.server.dial import Exchange
from comfydesk.server.failures import is_html
from comfydesk.server.transport import Reply, Transport
from comfydesk.server.types import AmbiguousError, Rejected, Submitted

_JSON = {"Content-Type": "application/json"}


def read_answer(transport: Transport, body: bytes, prompt_id: str) -> Submitted:
    """Send the encoded body. Raises Rejected, AmbiguousError or Problem as ServerClient.submit says."""
    limits = transport.limits
    exchange = Exchange(limits.post, limits.post)  # a server that holds the GIL may be silent for long
    try:
        with transport.open("POST", "/prompt", data=body, headers=_JSON, exchange=exchange) as reply:
            if reply.status == 200:
                return _accepted(transport, reply, prompt_id)
            raise _refused(transport, reply)
    except Problem as exc:
        if exchange.sent and exc.code in ("timeout", "reset"):
            raise AmbiguousError(exc) from exc
        raise


def _accepted(transport: Transport, reply: Reply, prompt_id: str) -> Submitted:
    data = reply.read(transport.limits.json)
    if is_html(reply.headers, data[:100]):
        raise Problem("not_comfyui", address=transport.address.url, detail="it answers with a web page")
    try:
        answer = loads(data)
    except UndecodableError as exc:
        # It said 200, so it may well have queued the job.
        problem = Problem(
            "not_comfyui", address=transport.address.url, detail=f"its answer to /prompt is broken: {exc}"
        )
        raise AmbiguousError(problem) from exc
    answer = answer if isinstance(answer, dict) else {}
    given, number, errors = answer.get("prompt_id"), answer.get("number"), answer.get("node_errors")
    if not isinstance(given, str) or not given:
        problem = Problem("not_comfyui", address=transport.address.url, detail="its answer to /prompt names no prompt")
        raise AmbiguousError(problem)
    return Submitted(
        given if len(given) <= 200 else prompt_id,
        float(number) if isinstance(number, int | float) else 0.0,
        errors if isinstance(errors, dict) else {},
    )


def _refused(transport: Transport, reply: Reply) -> Exception:
    text = reply.text()
    if reply.status == 400:
        return _rejected(transport, reply, text)
    problem = reply.problem(text)
    # 409: the id is there already. 5xx: the item may be queued although the answer is an error (S3).
    return AmbiguousError(problem) if reply.status == 409 or reply.status >= 500 else problem


def _rejected(transport: Transport, reply: Reply, text: str) -> Problem:
    """A 400 of ComfyUI's own; anything else with that status is a proxy's."""
    try:
        answer = loads(text.encode())
    except UndecodableError:
        return reply.problem(text)
    if not isinstance(answer, dict) or "error" not in answer:
        return reply.problem(text)
    error = answer["error"] if isinstance(answer["error"], dict) else {"message": str(answer["error"])}
    node_errors = answer.get("node_errors")
    node_errors = node_errors if isinstance(node_errors, dict) else {}
    return Rejected(
        address=transport.address.url, detail=_detail(error, node_errors), error=error, node_errors=node_errors
    )


def _detail(error: Mapping[str, Any], node_errors: Mapping[str, Any]) -> str:
    """The first thing that is wrong, in the server's words: a node's error says more than the whole prompt's."""
    for entry in node_errors.values():
        errors = entry.get("errors") if isinstance(entry, dict) else None
        for item in errors if isinstance(errors, list) else []:
            if isinstance(item, dict):
                what = f"{_short(entry.get('class_type'))}: {_short(item.get('message'))}"
                return f"{what} ({_short(item.get('details'))})" if item.get("details") else what
    message = _short(error.get("message")) or "it gives no reason"
    return message.rstrip(".")


def _short(value: Any) -> str:
    text = re.sub(r"\s+", " ", value if isinstance(value, str) else "").strip()
    return text if len(text) <= 300 else text[:299] + "…"
