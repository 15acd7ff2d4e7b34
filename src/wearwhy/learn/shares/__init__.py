"""Shares: where one value is wrong, how often each is right; learned from counts."""
