"""Where the rows are sent from: this process, several of them, or a Ray cluster."""
