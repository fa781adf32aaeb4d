"""What importing, parsing and generating cost, as ratios within one run. No time is ever asserted."""
