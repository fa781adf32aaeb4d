"""The login: its tokens, where they are kept, and the calls made with them."""
