"""What a batch costs beside the plain loop of the client, and what its order saves."""
