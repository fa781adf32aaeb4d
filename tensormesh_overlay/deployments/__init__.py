"""What can be said of a deployment by looking again and again: whether it is up, what is new in its log. No I/O."""
