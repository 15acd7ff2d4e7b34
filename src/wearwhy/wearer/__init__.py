"""The wearer: dated tastes, and the log of what was worn and washed."""
