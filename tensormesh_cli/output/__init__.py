"""How an answer looks: text, JSON, YAML, raw or a table. Values in, text out; nothing here prints."""
