"""The web page: drawn on the server, usable without scripts, better with a few of our own.

Every page calls the operations of `wearwhy.service` that REST and MCP call. Nothing is fetched from
elsewhere; all text is escaped by the templates.
"""
