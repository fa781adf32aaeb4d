"""What the OpenAPI documents say: schemas, operations, links."""
