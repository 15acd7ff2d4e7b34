"""The service for agents: its operations as tools of the Model Context Protocol.

Over stdio (`wearwhy mcp`) an agent of who works on this machine asks; over streamable HTTP, at
`/mcp` of `wearwhy serve`, whoever has a key, with that key's scopes and wardrobes.
"""
