"""What a command is made of: groups, options and what they may hold, bodies, the question before an act."""
