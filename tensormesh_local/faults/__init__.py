"""
Misbehaviour by script.

Knows what can go wrong (`script`), what is still to come (`pending`), and how
it is done to a connection (`mischief`) and to what is said (`event_damage`).
"""
