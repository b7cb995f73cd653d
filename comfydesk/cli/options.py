"""Options that several commands share: which home, which host, which login."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from comfydesk.base.paths import Home
from comfydesk.server.types import Credentials, Host, Trust

if TYPE_CHECKING:
    from comfydesk.server.client import ServerClient

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Login:
    """How to reach and log in to the host of one command. None: what is saved for it."""

    credentials: Credentials | None
    trust: Trust | None
    allow_plain_auth: bool


def home_of(context: click.Context, *, demo: bool = False) -> Home:
    """The home that `--home` or `$COMFYDESK_HOME` names."""
    return Home.locate(context.find_root().params.get("home"), demo=demo)


def host_options(command: F) -> F:
    """`--host` and everything about logging in; never a secret in an argument."""
    for option in (
        click.option("--allow-plain-auth", is_flag=True, help="Send the login over http to another machine."),
        click.option("--pin", metavar="SHA256", help="Trust the certificate with this fingerprint."),
        click.option("--ca", type=click.Path(dir_okay=False), metavar="FILE", help="Trust this CA (PEM)."),
        click.option(
            "--header-file",
            type=click.Path(dir_okay=False),
            metavar="FILE",
            help="A file with one 'Name: value' header.",
        ),
        click.option(
            "--token-file", type=click.Path(dir_okay=False), metavar="FILE", help="A file with a Bearer token."
        ),
        click.option(
            "--host",
            metavar="HOST",
            help="URL, host:port or a saved host's name. [default: $COMFYDESK_HOST, the default host, 127.0.0.1:8188]",
        ),
    ):
        command = option(command)
    return command


def login_from(
    token_file: str | None, header_file: str | None, ca: str | None, pin: str | None, allow_plain_auth: bool
) -> Login:
    """Read the login from files and environment. Raises Problem("secret_file")."""
    from comfydesk.server import secrets

    credentials = secrets.from_environment(
        token_file=Path(token_file) if token_file else None,
        header_file=Path(header_file) if header_file else None,
        environ=os.environ,
    )
    trust = Trust(pin=pin or "", ca_file=str(Path(ca).absolute()) if ca else "") if (ca or pin) else None
    return Login(credentials, trust, allow_plain_auth)


def host_text(given: str | None) -> str | None:
    """The host that was named: by option, else by `$COMFYDESK_HOST`."""
    return given or os.environ.get("COMFYDESK_HOST") or None


def client_for(host: Host, login: Login) -> ServerClient:
    """A client of one host with the login of this command, else the one that the keychain has."""
    from comfydesk.server import secrets
    from comfydesk.server.client import ServerClient

    return ServerClient(
        host.url,
        login.credentials or secrets.load(host) or Credentials(),
        login.trust or host.trust,
        allow_plain_auth=login.allow_plain_auth or host.allow_plain_auth,
    )
