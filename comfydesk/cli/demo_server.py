"""`comfydesk demo-server`: the stand-in server, for pipelines without a GPU."""

from __future__ import annotations

import click


@click.command(
    "demo-server",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    add_help_option=False,
)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def demo_server(args: tuple[str, ...]) -> int:
    """Run the stand-in server [--port 8188] [--step-ms 50]."""
    from comfydesk.demo.main import main

    return main(list(args)) or 0
