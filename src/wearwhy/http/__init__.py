"""The service over HTTP: REST, SPARQL, Graph Store, MCP's transport, and the page."""
