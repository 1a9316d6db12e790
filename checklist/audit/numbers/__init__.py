"""Counting: what a record adds up to in a period, each answer one aggregation over the tables of `audit.tables`."""
