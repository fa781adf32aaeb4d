"""What is written by hand above the generated package: where calls go, how they fail, how they travel."""
