"""The full screen: the board and the walker, in a terminal of at least 80x24."""
