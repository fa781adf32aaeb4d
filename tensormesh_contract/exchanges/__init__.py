"""What was asked and answered, whoever asked: single exchanges, and what shows only across several."""
