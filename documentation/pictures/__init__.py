"""The pictures of docs/, drawn by scripts: the same in each run."""
