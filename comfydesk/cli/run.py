"""`comfydesk run`: submit a workflow, block, and leave the files on disk."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import click

from comfydesk.base.errors import INTERRUPTED, Problem
from comfydesk.cli import streams
from comfydesk.cli.options import home_of, host_options, host_text, login_from
from comfydesk.cli.progress import ProgressLines
from comfydesk.engine.headless import HeadlessRun, Order
from comfydesk.engine.outcome import Outcome, result_json
from comfydesk.jobs.model import OwnerKind


class SeedType(click.ParamType[int | str]):
    name = "seed"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        if isinstance(value, int) or value in ("random", "keep"):
            return value  # type: ignore[no-any-return]
        try:
            seed = int(value)
        except ValueError:
            self.fail(f"“{value}” is not a seed; give a whole number, random or keep.", param, ctx)
        if not 0 <= seed < 2**64:
            self.fail("A seed is between 0 and 18446744073709551615 (2^64 - 1).", param, ctx)
        return seed


@click.command()
@click.argument("workflow")
@host_options
@click.option("--demo", is_flag=True, help="Run on the built-in demo server.")
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    help="Set an input; KEY:=JSON, KEY=@FILE uploads (@@ for a literal @).",
)
@click.option(
    "--seed",
    type=SeedType(),
    metavar="N|random|keep",
    help="First seed; each further run adds 1. [default: the file's]",
)
@click.option("--count", type=click.IntRange(1, 100_000), default=1, help="How many runs. [default: 1]")
@click.option(
    "--out",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Put the files flat into DIR. [default: where the window puts them]",
)
@click.option("--name", "template", metavar="TEMPLATE", help="File names: {workflow} {index:04} {seed} {time} {date}.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="S",
    help="Give up after S seconds. [default: never]",
)
@click.option(
    "--wait-server",
    type=click.FloatRange(min=0),
    default=10.0,
    metavar="S",
    help="How long the server may be away before its first answer. [default: 10]",
)
@click.option("--keep-temp", is_flag=True, help="Save previews (PreviewImage) too.")
@click.option("--allow-paid", is_flag=True, help="Run nodes that cost money (services outside).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line on standard output.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
@click.pass_context
def run(
    context: click.Context,
    workflow: str,
    host: str | None,
    demo: bool,
    token_file: str | None,
    header_file: str | None,
    ca: str | None,
    pin: str | None,
    allow_plain_auth: bool,
    assignments: tuple[str, ...],
    seed: int | str | None,
    count: int,
    out: str | None,
    template: str | None,
    timeout: float | None,
    wait_server: float,
    keep_temp: bool,
    allow_paid: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Run WORKFLOW (a file, or a name in the library such as sdxl) and wait for its files.

    Prints one saved path a line.
    """
    if demo and host:
        raise Problem("usage", detail="Give either --host or --demo, not both")
    login = login_from(token_file, header_file, ca, pin, allow_plain_auth)
    order = Order(
        workflow=workflow,
        host=host_text(host),
        demo=demo,
        assignments=assignments,
        seed=seed,
        count=count,
        out=Path(out) if out else None,
        template=template,
        timeout=timeout,
        wait_server=wait_server,
        keep_temp=keep_temp,
        allow_paid=allow_paid,
        credentials=login.credentials,
        trust=login.trust,
        allow_plain_auth=allow_plain_auth,
    )
    return _execute(context, order, as_json=as_json, quiet=quiet)


def _execute(context: click.Context, order: Order, *, as_json: bool, quiet: bool) -> int:
    from comfydesk.engine import Engine

    engine = Engine.open(home_of(context, demo=order.demo), OwnerKind.RUN)
    lines = ProgressLines(order.count, as_json=as_json, quiet=quiet)
    work = HeadlessRun(engine, order, lines.report)
    previous = {number: signal.signal(number, signal.default_int_handler) for number in _ends()}
    try:
        with lines:
            outcome = _blocking(engine, work)
        if as_json:
            lines.line(json.dumps(result_json(outcome)))
        _say_open(outcome)
        if lines.problem is not None:
            raise lines.problem
        return outcome.exit_code
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        engine.close()


def _ends() -> list[int]:
    """Signals that end a command in an orderly way, as Ctrl-C does; what `nohup` ignores stays ignored."""
    names = ("SIGTERM", "SIGHUP")  # the latter: its terminal was closed; Windows has none
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    return [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]


def _blocking(engine: Any, work: HeadlessRun) -> Outcome:
    try:
        return engine.runtime.call(work.run())  # type: ignore[no-any-return]
    except KeyboardInterrupt:
        return engine.runtime.call(work.interrupted(), 10)  # type: ignore[no-any-return]


def _say_open(outcome: Outcome) -> None:
    left = [job for job in outcome.jobs if not job.state.is_final]
    if outcome.exit_code == INTERRUPTED and left:
        for job in left:
            streams.say(f"comfydesk: not finished: run {job.index + 1} (seed {job.seed}, {job.state.value})")
        problem = Problem("unfinished", open=len(left))
        streams.say(f"comfydesk: {problem.message} {problem.next_step}")
