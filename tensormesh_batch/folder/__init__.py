"""The folder of a run: what was answered, and what it takes to go on."""
