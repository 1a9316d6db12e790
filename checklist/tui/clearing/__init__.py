"""The gate's screens: may it start, and what would make it true."""
