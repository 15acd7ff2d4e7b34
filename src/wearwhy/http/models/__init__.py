"""What goes in and out over HTTP, as models: they check what comes in and document what goes out."""
