"""What an answer is worth: where it parts from its document, and what all answers together say."""
