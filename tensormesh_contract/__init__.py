"""
Holds a Tensormesh, or anything that wants to be one, against the OpenAPI documents.

Observing and evaluating are apart: an `Exchange` is what was sent and what came
back, whoever sent it; an `Evaluator` turns exchanges into `Finding`s; a report
is a function of those. Imports nothing of the SDK but the reader of the
documents, so that it cannot agree with its mistakes.

From the bottom up, each importing only from what stands before it:

    json_values   JSON values by their types
    documents/    what the OpenAPI documents say
    exchanges/    what was asked and answered, whoever asked
    hosts/        whom a run asks, and with which keys
    requests/     what is sent; knows nothing of evaluation
    evaluation/   what an answer is worth; knows nothing of requests
    outcome       what a run has shown
    observed      from what was seen to that, for a run and for a record
    comparison    what is new since an earlier report
    reports/      how that is told: at a terminal, in a browser, to a CI, as data
    run           hosts asked, answers evaluated
    options       what was asked for, and what follows from it
    session       from that to a report
    command_line  the options as they are typed, and the exit status
"""
