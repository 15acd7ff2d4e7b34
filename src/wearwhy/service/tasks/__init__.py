"""Work that takes long: it runs in a process of its own, tells how far it is, and can be stopped."""
