"""What people send as files: looked at in a process of its own, previewed, then one revision.

A file is kept under a name of ours, is what its first bytes say and nothing else, and is parsed
where it can be stopped. What the parser hands back is plain: quads, a picture drawn anew, or a
calendar unfolded into single entries. Only that is ever used.
"""
