"""Protocols, procedures and profiles of one clinic: which are in force, how they come into force, what they offer."""
