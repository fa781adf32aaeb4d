"""In which order the rows go, and where each of them stands."""
