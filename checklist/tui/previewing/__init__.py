"""The screen of somebody who writes a protocol."""
