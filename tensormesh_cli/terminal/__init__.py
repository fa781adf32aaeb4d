"""A conversation on a terminal: lines are edited, answers are set, what was said is kept."""
