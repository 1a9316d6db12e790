"""The auditor's screens: the log, the story of a run, what to look at, and numbers."""
