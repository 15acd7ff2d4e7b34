"""Ways to come from candidates to looks: greedily, by a beam, by sampling; and trying everything."""
