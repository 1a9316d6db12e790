"""Where the program begins: `checklist`, or `python -m checklist`."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from checklist.cli.entrance import enter

    sys.exit(enter(sys.argv[1:]))


if __name__ == "__main__":
    main()
