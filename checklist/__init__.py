"""Walk hygiene protocols step by step, and keep a record that others can verify."""

__version__ = "0.1.0"
