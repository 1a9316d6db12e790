"""What is due and when, what waits, and whom to tell."""
