"""SPARQL over HTTP: query, update, Graph Store, service description and VoID."""
