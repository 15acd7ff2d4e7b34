"""Rules: syntax → model → stratify → plan → evaluate → maintain; and measures.

Data is in `model`; everything else interprets it.
"""
