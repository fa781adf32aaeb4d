"""What is sent: the walk along the links, the login, and the campaign of made-up requests."""
