"""Proofs: firings → evidence, and an independent checker of it."""
