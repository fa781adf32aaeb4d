"""What is to be sent: lines of requests, from whatever people have."""
