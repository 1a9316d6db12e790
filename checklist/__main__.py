"""Where the program begins: `checklist`, or `python -m checklist`."""

import gc
import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from checklist.cli.entrance import enter

    code = enter(sys.argv[1:])
    gc.freeze()  # all of it goes now: to look through it once more for garbage takes a tenth of a short answer
    sys.exit(code)


if __name__ == "__main__":
    main()
