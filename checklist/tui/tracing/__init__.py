"""The trace's screens: where something came from and where it went."""
