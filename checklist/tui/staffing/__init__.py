"""Who is at the screen, and who works here."""
