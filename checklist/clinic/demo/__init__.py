"""A made-up clinic with a year of history: to explore, to show, and to try what an auditor looks for."""
