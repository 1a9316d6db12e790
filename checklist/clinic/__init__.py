"""One clinic folder, opened: the only door through which the faces record and read."""
