"""Photographs of items as vectors: a network of a package embeds them, numpy reads them after."""
