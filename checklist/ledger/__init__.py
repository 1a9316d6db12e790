"""The record of one station: entries that can be added and proved, but not changed without showing it."""
