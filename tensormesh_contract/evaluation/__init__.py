"""What an answer is worth: where it differs from its document, and what all answers together say."""
