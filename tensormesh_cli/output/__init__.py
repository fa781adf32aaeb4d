"""How an answer looks: text, JSON, YAML, raw or a table. Values in, text out; only `progress` prints."""
