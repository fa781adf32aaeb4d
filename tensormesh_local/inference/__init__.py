"""
The two inference surfaces: /serverless and /on-demand.

Knows the eight operations, the fields of their requests and the shapes of
their answers; what is said in an answer is `engine`'s.
"""
