"""Operators and their secrets: who may act, how a secret is proved, and what opens a commitment."""
