"""What is sent: the walk along the links, the login, and the fuzz run: made-up requests."""
