"""The OpenAPI documents as data that knows where it stands."""
