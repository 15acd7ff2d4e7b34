"""Explanations: terms with evidence and counterfactuals; as JSON, text and RDF."""
