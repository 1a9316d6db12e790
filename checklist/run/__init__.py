"""One walk through one protocol: commands in, events out. No clock, no file, no screen of its own."""
