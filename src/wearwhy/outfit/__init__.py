"""From a request to looks: candidates, scores, beam search, diversity."""
