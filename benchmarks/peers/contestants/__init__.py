"""What drives each peer, inside its own environment. Only the standard library and the peer are there."""
