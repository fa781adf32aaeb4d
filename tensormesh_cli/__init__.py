"""
The `tm` command: Tensormesh from a shell. Calls the service through `tensormesh` only.

What it is made of, from the bottom up; each imports only from those listed before it:

    exit_codes    what a process ends with where no kind of failure decides
    errors        every way a command can fail
    values        JSON, money, times
    conversation  what was said, what is sent, what was typed
    output        how an answer looks
    settings      what there is to set, which word counts, the files that keep it
    failures      what an error of the client means for a command
    client        the client, made from the settings
    login         tokens, and the calls made with them
    app           one run of `tm`: its flags, settings, screen
    account       spending, deployments and logs, worked out
    command_line  what a command is made of
    inference     asking a model, and showing what it says
    doctor        what is set up and what is not
    terminal      a conversation on a terminal: typed, shown, kept
    commands      every command, and the tree of them
    main          the entry point; `__main__` meets Ctrl-C before it is loaded
"""
