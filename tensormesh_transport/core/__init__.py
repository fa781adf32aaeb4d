"""How HTTP is spoken, without I/O: what both pumps do."""
