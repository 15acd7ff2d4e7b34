"""Accounts: people and programs that may use the service, and what each may do.

They stand in `accounts.sqlite` beside the graph, never in it. Of passwords argon2id hashes are
kept, of keys, session tokens and invitations SHA-256 digests: what is at rest signs nobody in.
"""
