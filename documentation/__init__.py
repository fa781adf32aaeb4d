"""The site of docs/: what of its pages is made from code, its pictures, and its strict build."""
