"""The host that every client is measured against, made to cost nothing beside them."""
