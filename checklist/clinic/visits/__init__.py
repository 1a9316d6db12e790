"""Visits, and the gate that is asked before them."""
