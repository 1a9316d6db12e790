"""What was made, used, printed and called back: followed through the record."""
