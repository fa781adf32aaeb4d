"""
The OpenAPI documents as data that knows where it stands.

Knows YAML, JSON pointers, references between files, and which operations there are, but not what a schema
means. Whoever needs that forms an opinion of his own, so that a host and a client that agree do not share a mistake.

    json_types    JSON as Python values
    pointers      places in a JSON value: parsed, written, walked
    places        a file, the keys in it and the line, and the error that names them
    yaml_text     YAML as JSON values, with the line of each
    library       documents, their values as nodes, and references from one to another
    operations    the paths and methods of a document
    routes        from a method and a path to what answers it
"""
