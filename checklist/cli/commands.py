"""The commands by name, and in which module each is found. Importing this imports none of them."""

from types import MappingProxyType

import click

from checklist.cli.lazy import LazyGroup
from checklist.cli.shared import clinic_option, named_clinic


class _Commands(LazyGroup):
    places = MappingProxyType(
        {
            "init": "making:init",
            "demo": "demo:demo",
            "walk": "walking:walk",
            "resume": "walking:resume",
            "attribute": "afterwards:attribute",
            "board": "board:board",
            "clear": "clearing:clear",
            "review": "reviewing:review",
            "trace": "tracing:trace",
            "recall": "tracing:recall",
            "quarantine": "tracing:quarantine",
            "happened": "tracing:happened",
            "readout": "readout:readout",
            "log": "reading:log",
            "show": "reading:show",
            "findings": "findings:findings",
            "remark": "afterwards:remark",
            "sample": "proving:sample",
            "prove": "proving:prove",
            "export": "exporting:export",
            "report": "report:report",
            "verify": "checking:verify",
            "doctor": "checking:doctor",
            "labels": "labels:labels",
            "protocol": "protocols:protocol",
            "people": "people:people",
            "backup": "copying:backup",
            "restore": "copying:restore",
        }
    )


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@clinic_option
@click.version_option(package_name="clinic-checklist", prog_name="checklist")
@click.pass_context
def root(ctx: click.Context) -> int:
    """Walk a clinic's protocols step by step, and keep a record that others can verify.

    Without a command: the full screen, or the board as lines where there is no terminal.
    """
    if ctx.invoked_subcommand is not None:
        return 0
    from checklist.cli.board import open_screen

    return open_screen(named_clinic(ctx))
