"""One run, one step at a time."""
