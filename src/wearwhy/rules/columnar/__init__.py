"""Closing many facts at once: whole properties as sorted arrays, joined rule by rule."""
