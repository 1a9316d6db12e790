"""What the commands share: which clinic, who asks, what is printed where."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar

import click
from typing_extensions import override

from checklist.cli.faults import MisuseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from checklist.clinic.folder import Folder
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.line.console import Console
    from checklist.line.desk import Credentials
    from checklist.people.operator import Operator
    from checklist.run.reading import Refusal

F = TypeVar("F", bound="Callable[..., object]")
T = TypeVar("T")

TRIES = 3
"""How often something is asked again where what was typed cannot be taken."""
_LONGEST_ARGUMENT = 500
_KEY = "checklist.clinic"


def _path() -> click.Path:
    from pathlib import Path

    return click.Path(path_type=Path)


PATH = _path()
"""A path as an argument or option."""


class _Text(click.ParamType[str]):
    """Words as they may be looked up and recorded: cleaned, so that no argument can act or break anything."""

    name = "text"

    @override
    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from checklist.protocol.text import clean

        return clean(str(value), limit=_LONGEST_ARGUMENT)


TEXT = _Text()
"""Words as an argument or option."""


TAKES_FILTER: Final = MappingProxyType({"ignore_unknown_options": True, "help_option_names": ["--help"]})
"""Settings of a command with words of a filter: `-word:x` leaves out what the word takes, whatever its letters are."""


def _remember(ctx: click.Context, _param: click.Parameter, value: Path | None) -> Path | None:
    if value is not None:
        ctx.meta[_KEY] = value
    return value


def clinic_option(command: F) -> F:
    """`--clinic DIR`, before or after the command's name; the later one wins."""
    option = click.option(
        "--clinic", type=PATH, metavar="DIR", callback=_remember, expose_value=False, help="The clinic's folder."
    )
    return option(command)


def named_clinic(ctx: click.Context) -> Path | None:
    """The folder that --clinic names, if it was given."""
    found: Path | None = ctx.meta.get(_KEY)
    return found


def clinic_folder(ctx: click.Context) -> Folder:
    """The clinic that this command is about. Raises NoClinicError."""
    from checklist.clinic.folder import existing

    return existing(named_clinic(ctx))


def as_option(command: F) -> F:
    """`--as OPERATOR --secret-file FILE`: who asks."""
    command = click.option("--secret-file", type=PATH, metavar="FILE", help="Their secret (mode 0600).")(command)
    return click.option("--as", "operator", type=TEXT, metavar="OPERATOR", help="Who you are: a name or id.")(command)


def witness_option(command: F) -> F:
    """`--witness OPERATOR --witness-secret-file FILE`: the second person."""
    command = click.option(
        "--witness-secret-file", type=PATH, metavar="FILE", help="The second person's secret (mode 0600)."
    )(command)
    return click.option("--witness", type=TEXT, metavar="OPERATOR", help="The second person: a name or id.")(command)


def new_secret_option(command: F) -> F:
    """`--new-secret-file FILE`: a secret that somebody will have from now on."""
    option = click.option("--new-secret-file", type=PATH, metavar="FILE", help="The new secret (mode 0600).")
    return option(command)


def json_option(command: F) -> F:
    """`--json`: the answer with stable keys."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON with stable keys.")(command)


def credentials(name: str | None, secret_file: Path | None) -> Credentials:
    """A person as the options name them; a secret file is read at once, so that a wrong one is told first."""
    from checklist.line.desk import Credentials

    if secret_file is None:
        return Credentials(name)
    from checklist.people.secret import read_secret_file

    return Credentials(name, read_secret_file(secret_file))


@contextlib.contextmanager
def at_desk(ctx: click.Context, own: Credentials) -> Iterator[tuple[Clinic, SignedIn, Console]]:
    """The clinic opened, who asks signed in, and where they are asked, for as long as the block runs."""
    from checklist.clinic.plan.configured import record_plan
    from checklist.clinic.service import Clinic
    from checklist.line.desk import signed_in

    desk = console()
    with Clinic.open(clinic_folder(ctx)) as opened, desk.listening(), signed_in(opened, desk, own, via()) as who:
        record_plan(opened.ledger, opened.folder.adopted, opened.settings)
        yield opened, who, desk


def operator_named(opened: Clinic, named: str) -> Operator:
    """Who is meant by a name or an id; of two with one name whoever is active. Raises MisuseError."""
    from checklist.people.operator import name_key

    key = name_key(named)
    found = [one for one in opened.staff.operators() if one.id == named or (one.name and name_key(one.name) == key)]
    meant = [one for one in found if not one.disabled] or found
    if len(meant) > 1:
        refuse(f"Several people had the name “{named}”; give the id of one: {', '.join(one.id for one in meant)}.")
    if not meant:
        refuse(f"There is nobody called “{named}” here; see “checklist people list”.")
    return meant[0]


def unfit_secret(secret: str, name: str, *, badge: bool = False) -> str | None:
    """Why this cannot be the secret of the person called `name`; None if it can. `badge`: they have one, and a PIN
    will do."""
    from checklist.people.operator import clean_name
    from checklist.people.secret import check_strength

    return check_strength(secret, clean_name(name), badge=badge)


def typed_twice(desk: Console, prompt: str, name: str, *, badge: bool = False) -> str:
    """A new secret for the person called `name`: a weak one is refused as soon as it is typed."""
    for _ in range(TRIES):
        first = desk.secret(prompt)
        if first is None:
            raise click.Abort
        refusal = unfit_secret(first, name, badge=badge)
        if refusal:
            desk.say(refusal)
        elif desk.secret("Once more: ") == first:
            return first
        else:
            desk.say("The two are not the same.")
    raise MisuseError("No secret was chosen, so nothing was done; start again.")


def on_terminal() -> bool:
    """Whether a person sits at this program's input."""
    return os.isatty(0)


def output_is_terminal() -> bool:
    """Whether what is printed is seen on a terminal."""
    return os.isatty(1)


def via() -> str:
    """How what is done here is recorded to have come (design §6)."""
    return "line" if on_terminal() else "pipe"


def console() -> Console:
    """Where questions are asked and secrets typed; answers of commands go to stdout, so that the two never mix."""
    from checklist.line.console import Console

    return Console(sys.stderr, terminal=on_terminal())


def say(*lines: str) -> None:
    """Print lines on stdout, each cleaned."""
    from checklist.protocol.text import clean

    for line in lines:
        print(clean(line, limit=10_000))


def tell(*lines: str) -> None:
    """Print lines on stderr, each cleaned."""
    from checklist.protocol.text import clean

    for line in lines:
        print(clean(line, limit=10_000), file=sys.stderr)


def say_json(value: object) -> None:
    """Print a JSON value; all that is not plain ASCII is escaped."""
    print(json.dumps(value, indent=2))


def say_json_list(values: Iterable[Mapping[str, object]]) -> int:
    """Print a JSON list as its items come; how many there were."""
    count = 0
    for value in values:
        print("[" if count == 0 else ",")
        print(json.dumps(value), end="")
        count += 1
    print("\n]" if count else "[]")
    return count


def accepted(found: T | Refusal) -> T:
    """What came of it; a refusal is told as a misuse. Raises MisuseError."""
    from checklist.run.reading import Refusal

    if isinstance(found, Refusal):
        raise MisuseError(found.message)
    return found


def refuse(message: str) -> NoReturn:
    """Say no to what was asked: a misuse, exit code 2. Raises MisuseError."""
    raise MisuseError(message)
