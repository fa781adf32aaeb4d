"""The reference: pages that name what there is, for mkdocstrings to fill from docstrings."""
