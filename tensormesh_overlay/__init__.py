"""
What is written by hand above the generated package, from the bottom up:

    json_values        JSON from bytes and to bytes
    errors             every way a call can fail
    transport_errors   what broke below, in words that say what to do
    configuration      settings, timeouts, headers, when to retry, where a call goes
    confinement        clients that may call this machine only, as in tests
    think_blocks       reasoning told from answer
    streaming          bytes to events, events to a whole answer, and the streams that hand them out
    calls              requests, answers, retries, and the sender that does them all
    surfaces           inference and control plane
    client             `Tensormesh` and `AsyncTensormesh`
"""
