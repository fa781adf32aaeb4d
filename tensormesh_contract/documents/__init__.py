"""What the OpenAPI documents say: values with their places, schemas, operations, links."""
