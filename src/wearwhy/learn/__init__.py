"""Guesses: an additive model and embeddings, one calibrated verdict, its reasons, its worth."""
