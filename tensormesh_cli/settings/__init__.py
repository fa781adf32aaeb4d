"""The settings of `tm`: what there is to set, which word counts, and the files that keep it."""
