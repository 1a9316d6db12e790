"""What a change of a text means, in clinical words."""
