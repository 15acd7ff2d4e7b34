"""Mined Horn rules: conjunctions about one item (`stars`) and paths through a graph (`paths`)."""
