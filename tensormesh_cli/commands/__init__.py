"""The commands that do more than mirror one call, a module for each noun."""
