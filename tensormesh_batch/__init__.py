"""
Batches: many requests in, an answer to each out, nothing paid twice.

    rows/      what is to be sent: lines of requests, from whatever people have
    plan/      in which order the rows go, and where each of them stands
    money/     what rows cost, and what they may
    folder/    the folder of a run: what was answered, and what it takes to go on
    rate/      how fast the rows go; no I/O, and no clock
    running/   sends the rows of a run
    engines/   where they are sent from
    progress/  how far a run is
"""
