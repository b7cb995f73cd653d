"""The command group, and the one place where exceptions become sentences and exit codes."""

from __future__ import annotations

import errno
import logging

import click

from comfydesk.base.errors import INTERRUPTED, USAGE, Problem
from comfydesk.base.paths import Home
from comfydesk.base.version import __version__
from comfydesk.cli import failures, streams
from comfydesk.cli.check import check
from comfydesk.cli.convert import convert
from comfydesk.cli.demo_server import demo_server
from comfydesk.cli.hosts import hosts
from comfydesk.cli.info import info
from comfydesk.cli.params import params
from comfydesk.cli.run import run as run_command


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Without a command the window opens (`comfydesk [--demo] [open FILE…]`).",
)
@click.option(
    "--home",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Settings, job store, workflows and caches live here. [env: COMFYDESK_HOME]",
)
@click.version_option(__version__, prog_name="comfydesk")
def group(home: str | None) -> None:
    """ComfyDesk drives a ComfyUI server: run workflows, get every result into local folders."""


for command in (run_command, params, convert, check, info, hosts, demo_server):
    group.add_command(command)


def run(argv: list[str]) -> int:
    """Run one command. Returns its exit code; prints sentences, never a traceback."""
    streams.prepare()
    logging.getLogger("comfydesk").addHandler(logging.NullHandler())  # else the first warning goes to the terminal
    try:
        result = group.main(args=argv, prog_name="comfydesk", standalone_mode=False)
    except click.exceptions.Exit as exc:
        return exc.exit_code
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as exc:
        exc.show()
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Problem as problem:
        return failures.tell(problem, as_json="--json" in argv)
    except BrokenPipeError:  # the reader of our output has left; nothing more to say
        streams.give_up_output()
        return 0
    except OSError as exc:
        if exc.errno != errno.ENOSPC:
            return _unforeseen(exc, argv)
        streams.give_up_output()
        return failures.tell(Problem("disk_write", folder="Standard output", detail=exc.strerror))
    except Exception as exc:
        return _unforeseen(exc, argv)
    return result if isinstance(result, int) else 0


def _unforeseen(exc: BaseException, argv: list[str]) -> int:
    log_file = Home.locate(_home_option(argv)).logs / "comfydesk.log"
    return failures.tell(failures.as_problem(exc, str(log_file)), as_json="--json" in argv)


def _home_option(argv: list[str]) -> str | None:
    return argv[argv.index("--home") + 1] if "--home" in argv[:-1] else None
