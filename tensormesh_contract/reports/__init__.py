"""What a run has shown, for a person at a terminal, in a browser, and for a program. All are functions of it."""
