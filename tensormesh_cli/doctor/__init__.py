"""What is set up on this machine and what is not: the facts, how ready each surface is, the checks."""
