"""A text to be read: as lines, Markdown, JSON, or a sheet of paper."""
