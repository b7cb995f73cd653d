"""What can go wrong between a request and its answer, as Problems: one place, so that every call says the same."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator, Mapping
from urllib.parse import urljoin, urlsplit

from comfydesk.base.errors import Problem
from comfydesk.server.address import Address
from comfydesk.server.dial import Exchange

MAX_RETRY_AFTER = 60.0
BUSY = frozenset({429, 502, 503, 504, *range(520, 528)})  # 52x: Cloudflare's own


def from_exception(exc: BaseException, address: Address, exchange: Exchange) -> Problem:
    """The Problem for an exception of requests, urllib3, http.client, ssl or the socket itself."""
    chain = list(_chain(exc))
    for link in chain:
        if isinstance(link, Problem):
            return link
    if any(isinstance(link, TimeoutError) for link in chain):
        return Problem("timeout", address=address.url, seconds=exchange.seconds)
    if any(isinstance(link, ConnectionError | ssl.SSLError | http.client.IncompleteRead) for link in chain):
        return Problem("reset", address=address.url, details=repr(exc)[:2000])
    if any(isinstance(link, http.client.HTTPException) for link in chain):
        return Problem("not_comfyui", address=address.url, detail="it does not speak HTTP", details=repr(exc)[:2000])
    if any(isinstance(link, OSError) for link in chain):
        return Problem("reset", address=address.url, details=repr(exc)[:2000])
    return Problem("unreachable", address=address.url, detail=type(exc).__name__, details=repr(exc)[:2000])


def _chain(exc: BaseException) -> Iterator[BaseException]:
    """The exception and those inside it: requests and urllib3 wrap theirs in arguments, `reason` and causes."""
    seen: set[int] = set()
    todo: list[object] = [exc]
    while todo:
        link = todo.pop(0)
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        todo += [*link.args, getattr(link, "reason", None), link.__cause__, link.__context__]


def from_status(
    status: int,
    headers: Mapping[str, str],
    body: str,
    *,
    address: Address,
    path: str,
    asked: str,
    with_login: bool,
) -> Problem:
    """The Problem for an answer that is not a success. `asked`: the URL of the request; `body`: its beginning."""
    if 300 <= status < 400 and headers.get("Location"):
        return Problem("redirect", address=address.url, target=_target(asked, path, headers["Location"]))
    if status == 401:
        return Problem("auth_wrong" if with_login else "auth_needed", address=address.url)
    if status == 403:
        return Problem("forbidden", address=address.url, details=body)
    if status in BUSY:
        wait = retry_after(headers)
        return Problem("server_busy", address=address.url, status=status, retry_after=wait, details=body)
    if status == 400 and address.scheme == "http" and ("HTTPS port" in body or "HTTPS server" in body):
        return Problem("redirect", address=address.url, target="https" + address.url[4:])
    if status == 404:
        detail = "it answers with a web page" if is_html(headers, body.encode()) else f"there is nothing at {path}"
        return Problem("not_comfyui", address=address.url, detail=detail, status=status, details=body)
    return Problem("server_error", address=address.url, status=status, what=path, details=body)


def _target(asked: str, path: str, location: str) -> str:
    """Where a redirect leads, as an address that can be used instead: without the path that we had asked for."""
    try:
        target = urlsplit(urljoin(asked, location))
        port = f":{target.port}" if target.port else ""
    except ValueError:
        return "another page"
    if target.scheme not in ("http", "https") or not target.hostname:
        return "another page"
    host = f"[{target.hostname}]" if ":" in target.hostname else target.hostname
    rest = target.path.rstrip("/").removesuffix(path.partition("?")[0].rstrip("/"))
    return f"{target.scheme}://{host}{port}{rest}"[:500]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks us to wait, at most a minute; None: it does not say."""
    try:
        return min(MAX_RETRY_AFTER, max(0.0, float(headers.get("Retry-After", ""))))
    except ValueError:
        return None


def is_html(headers: Mapping[str, str], start: bytes) -> bool:
    """Whether an answer is a web page: a login page, a captive portal, a proxy's error."""
    kind = headers.get("Content-Type", "").lower()
    return "html" in kind or start.lstrip()[:1] == b"<"


def human(size: int) -> str:
    """A size for a sentence: "16 MiB"."""
    for unit, step in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= step:
            return f"{size / step:.1f}".removesuffix(".0") + f" {unit}"
    return f"{size} bytes"
