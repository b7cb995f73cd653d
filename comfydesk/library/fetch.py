"""Fetching the one file whose address a person typed. Blocking."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from comfydesk.base.errors import Problem
from comfydesk.jobs.naming import leaf
from comfydesk.server.body import UndecodableError, pieces
from comfydesk.server.failures import human, is_html

if TYPE_CHECKING:
    import requests

MAX_BYTES = 64 << 20
SECONDS = 20.0  # for all of it
_SILENCE = 10.0  # seconds without a byte
MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GITHUB = re.compile(r"^/([^/]+)/([^/]+)/(?:blob|raw)/(.+)$")
_NAMED = re.compile(r"filename\*=(?:UTF-8'[^']*')([^;]+)|filename=\"([^\"]+)\"|filename=([^;\s]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fetched:
    """`name`: a safe file name; `origin`: the address without login, query and fragment, which may hold secrets."""

    data: bytes
    name: str
    origin: str


def fetch(url: str) -> Fetched:
    """The file at a web address: http or https, at most 64 MiB, in at most 20 s, after at most 5 redirects.

    A page of GitHub or Hugging Face that shows a file gives the file. No login and no cookie is sent.
    Raises Problem url_failed with a sentence.
    """
    import http.client

    import requests
    import urllib3

    from comfydesk.server.dial import Exchange
    from comfydesk.server.wire import keep_to

    asked = _plain(url)
    end = time.monotonic() + SECONDS
    with requests.Session() as session:
        keep_to(session, Exchange(SECONDS, _SILENCE))
        session.auth = _no_login  # or requests would look for one in ~/.netrc
        session.headers["User-Agent"] = "ComfyDesk"
        try:
            target = file_of(asked)
            for _ in range(MAX_REDIRECTS + 1):
                wait = min(_SILENCE, _left(end))
                with session.get(target, stream=True, allow_redirects=False, timeout=wait) as response:
                    if response.status_code not in _REDIRECTS or "Location" not in response.headers:
                        return _take(response, asked, end)
                    target = _next(target, response.headers["Location"], asked)
            raise _failed(asked, "it sends on and on")
        # What requests itself raises is an OSError; a body that is read from its stream raises urllib3's own.
        except (OSError, urllib3.exceptions.HTTPError, http.client.HTTPException) as error:
            raise _failed(asked, _reason(error), details=repr(error)[:2000]) from error


def file_of(url: str) -> str:
    """The address of the file itself, where `url` is the page that shows it.

    >>> file_of("https://github.com/a/b/blob/main/flow.json")
    'https://raw.githubusercontent.com/a/b/main/flow.json'
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    if host == "github.com" and (found := _GITHUB.match(parts.path)):
        return urlunsplit(("https", "raw.githubusercontent.com", f"/{'/'.join(found.groups())}", "", ""))
    if host == "huggingface.co" and "/blob/" in parts.path:
        return urlunsplit(parts._replace(path=parts.path.replace("/blob/", "/resolve/", 1)))
    return url


def _plain(url: str) -> str:
    """Raises Problem url_failed for what is no web address."""
    text = url.strip()
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise _failed(text, "it is not a web address") from error
    if parts.scheme not in ("http", "https") or not host or len(text) > 4096 or any(c.isspace() for c in text):
        raise _failed(text, "it must begin with http:// or https://")
    return text


def _next(url: str, location: str, asked: str) -> str:
    target = urljoin(url, location)
    parts = urlsplit(target)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _failed(asked, "it sends on to something that is no web address")
    if urlsplit(url).scheme == "https" and parts.scheme == "http":
        raise _failed(asked, "it sends on to an address that is not encrypted")
    return target


def _take(response: requests.Response, asked: str, end: float) -> Fetched:
    status = response.status_code
    if status in (401, 403):
        raise _failed(asked, f"a login is needed there ({status})")
    if status != 200:
        raise _failed(asked, "there is nothing" if status in (404, 410) else f"the server answered {status}")
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and int(length[:20]) > MAX_BYTES:
        raise _failed(asked, f"it is larger than {human(MAX_BYTES)}")
    data = bytearray()
    try:
        for piece in pieces(response.raw, response.headers.get("Content-Encoding", "")):
            data += piece
            if len(data) > MAX_BYTES:
                raise _failed(asked, f"it is larger than {human(MAX_BYTES)}")
            _left(end)
    except UndecodableError as error:
        raise _failed(asked, str(error)) from error
    if length.isdecimal() and not response.headers.get("Content-Encoding") and len(data) < int(length[:20]):
        raise _failed(asked, "the connection broke")
    if is_html(response.headers, bytes(data[:100])):
        raise _failed(asked, "it is a web page, not a workflow file")
    return Fetched(bytes(data), _name(response.headers, response.url), _origin(asked))


def _name(headers: Mapping[str, str], url: str) -> str:
    found = _NAMED.search(headers.get("Content-Disposition", ""))
    given = next((part for part in found.groups() if part), "") if found else ""
    text = unquote(given or urlsplit(url).path.rstrip("/").rpartition("/")[2])
    return leaf(re.split(r"[/\\]", text)[-1], fallback="workflow")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _left(end: float) -> float:
    """Seconds until the end. Raises TimeoutError when there are none."""
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _reason(error: BaseException) -> str:
    text = f"{type(error).__name__} {error!r}"
    if isinstance(error, TimeoutError) or "Timeout" in text or "timed out" in text:
        return f"it took longer than {SECONDS:g} s"
    if "NameResolution" in text or "getaddrinfo" in text or "Name or service" in text:
        return "there is no server of that name"
    if "refused" in text:
        return "nothing answers there"
    if "certificate" in text.lower() or "SSL" in text:
        return "no secure connection could be made"
    return "the connection broke"


def _failed(url: str, detail: str, details: str = "") -> Problem:
    return Problem("url_failed", url=_origin_or(url), detail=detail, details=details)


def _origin_or(url: str) -> str:
    try:
        return (_origin(url) if "://" in url else url)[:300]
    except ValueError:
        return url[:300]


def _no_login(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
