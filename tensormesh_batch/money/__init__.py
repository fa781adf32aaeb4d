"""What rows cost, and what they may."""
