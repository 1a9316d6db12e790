"""The command line: one thin module a command group, each imported when it is asked for."""
