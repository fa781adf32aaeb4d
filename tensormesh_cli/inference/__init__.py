"""Inference: the surface that is asked, the model, and what it answers."""
