"""
Which beginnings prompts share, what breaks them, and what that costs.

Pure functions over tokens. Knows no engine, no request and no I/O.
"""
