"""What the service says of itself: its OpenAPI document, the pages that show it, error codes."""
