"""
Misbehaviour by script.

Knows what can go wrong (`script`), what is still to come (`pending`), and how
it is done to a connection (`injection`), to a stream (`event_damage`) and to JSON
(`json_damage`).
"""
