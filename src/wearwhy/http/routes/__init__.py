"""The REST routes, one resource a module; each module has a `router`."""
