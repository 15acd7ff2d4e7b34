"""What the service does, whoever asks and over whatever protocol: who may, and what becomes of it.

Nothing here knows HTTP or MCP: an operation is a function of the service, a caller and what is
asked, and returns a document.
"""
