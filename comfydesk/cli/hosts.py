"""`comfydesk hosts`: saved hosts and whether they answer."""

from __future__ import annotations

import json
from typing import Any

import click

from comfydesk.base.errors import Problem
from comfydesk.base.settings import SettingsStore
from comfydesk.cli import failures
from comfydesk.cli.options import Login, client_for, home_of, host_options, host_text, login_from
from comfydesk.server.hosts import HostBook
from comfydesk.server.types import AuthKind, Credentials, Host, HostReport, Trust


def _book(context: click.Context) -> HostBook:
    home = home_of(context)
    home.make()
    return HostBook(SettingsStore(home.settings_file))


@click.group()
def hosts() -> None:
    """Saved hosts: list, add, remove, test."""


@hosts.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def list_hosts(context: click.Context, as_json: bool) -> None:
    """List the saved hosts; the default one is marked."""
    book = _book(context)
    default = book.default()
    for host in book.list():
        is_default = default is not None and host.host_id == default.host_id
        if as_json:
            print(json.dumps({"name": host.name, "url": host.url, "auth": host.auth.value, "default": is_default}))
        else:
            print(f"{'*' if is_default else ' '} {host.name}\t{host.url}")


@hosts.command("add")
@click.argument("name")
@click.argument("url")
@click.option(
    "--auth",
    metavar="bearer|basic|header:NAME",
    default="",
    help="Ask for this kind of login and keep it in the keychain.",
)
@click.option("--pin", metavar="SHA256", default="", help="Trust the certificate with this fingerprint.")
@click.option("--ca", type=click.Path(dir_okay=False, exists=True), help="Trust this CA (PEM).")
@click.option("--allow-plain-auth", is_flag=True, help="Send the login over http to another machine.")
@click.pass_context
def add_host(
    context: click.Context, name: str, url: str, auth: str, pin: str, ca: str | None, allow_plain_auth: bool
) -> None:
    """Save a host under a name. The secret is asked for, never given as an argument."""
    from comfydesk.server import secrets

    book = _book(context)
    login = _ask_login(auth)
    host = book.add(
        name,
        url,
        auth=login.kind,
        user=login.user,
        trust=Trust(pin=pin, ca_file=ca or ""),
        allow_plain_auth=allow_plain_auth,
    )
    if login.kind is not AuthKind.NONE:
        if secrets.available():
            secrets.save(host, login)
        else:
            click.echo(
                "This system has no keychain: give the login each time, by $COMFYDESK_TOKEN, or $COMFYDESK_USER"
                " and $COMFYDESK_PASSWORD.",
                err=True,
            )
    if book.default() is None:
        book.set_default(host.host_id)
    click.echo(f"Saved {host.name} ({host.url}).", err=True)


def _ask_login(auth: str) -> Credentials:
    kind, _, header = auth.partition(":")
    if kind == "":
        return Credentials()
    if kind == "basic":
        user = click.prompt("User", err=True)
        return Credentials(AuthKind.BASIC, user, click.prompt("Password", hide_input=True, err=True))
    if kind == "bearer":
        return Credentials(AuthKind.BEARER, "", click.prompt("Token", hide_input=True, err=True))
    if kind == "header" and header:
        return Credentials(AuthKind.HEADER, header, click.prompt(header, hide_input=True, err=True))
    raise Problem("usage", detail=f"--auth is bearer, basic or header:NAME, not “{auth}”")


@hosts.command("remove")
@click.argument("name")
@click.pass_context
def remove_host(context: click.Context, name: str) -> None:
    """Forget a host and its login."""
    from comfydesk.server import secrets

    book = _book(context)
    host = book.get(name)
    if host is None:
        raise Problem("host_unknown", name=name)
    secrets.forget(host)
    book.remove(host.host_id)


@hosts.command("test")
@click.argument("name", required=False)
@host_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def test_hosts(
    context: click.Context,
    name: str | None,
    host: str | None,
    token_file: str | None,
    header_file: str | None,
    ca: str | None,
    pin: str | None,
    allow_plain_auth: bool,
    as_json: bool,
) -> int:
    """Say whether a host answers, step by step. NAME is a saved host or an address; none: all saved hosts."""
    book = _book(context)
    text = name or host_text(host)
    targets = [book.resolve(text)] if text else list(book.list()) or [book.resolve("127.0.0.1:8188")]
    login = login_from(token_file, header_file, ca, pin, allow_plain_auth)
    if not text:
        login = Login(None, None, False)  # a login of the environment is meant for one host, not for all that are saved
    return max(_test(target, login, as_json) for target in targets)


def _test(host: Host, login: Login, as_json: bool) -> int:
    client = client_for(host, login)
    try:
        report = client.look()
    except Problem as problem:
        if as_json:
            print(
                json.dumps(
                    {
                        "host": host.name,
                        "url": host.url,
                        "ok": False,
                        "code": problem.code,
                        "message": problem.message,
                        "next": problem.next_step,
                    }
                )
            )
            return problem.exit_code
        print(f"✗ {host.name}")
        return failures.tell(problem)
    finally:
        client.close()
    if as_json:
        print(json.dumps({"host": host.name, "ok": True, **_facts(report)}))
    else:
        gib = 1024**3
        print(
            f"✓ {host.name}: ComfyUI {report.version} · {report.device}"
            f" · {report.vram_free / gib:.1f} of {report.vram_total / gib:.1f} GB free"
            f" · {report.queue_remaining} in its queue · answers in {report.latency * 1000:.0f} ms"
        )
    return 0


def _facts(report: HostReport) -> dict[str, Any]:
    return {
        "url": report.url,
        "version": report.version,
        "device": report.device,
        "vram_total": report.vram_total,
        "vram_free": report.vram_free,
        "queue_remaining": report.queue_remaining,
        "jobs_api": report.has_jobs_api,
        "latency": round(report.latency, 4),
        "demo": report.is_demo,
    }
