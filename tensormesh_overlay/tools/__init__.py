"""Python functions as tools of a model: what they take as JSON schema, and the loop that calls them. No I/O."""
