"""
What generated modules are made with: what models and calls can do, whatever they are called.

    publication     under which name a class is known
    errors          what can go wrong with JSON and models
    words           what people write for a value: `30d`, `h100`
    decode          between JSON values and Python values, piece by piece
    json_schema     the JSON Schema of a model
    kinds           what JSON a field holds, checked and read
    attributes      how the fields of models are declared
    codec           how models map to JSON, worked out once for a class
    display         how a model looks: on one line, in a notebook, as a table
    json_model      what every model can do
    dictionaries    objects that give the dictionary to be sent for them
    pydantic_fields models as fields of pydantic models
    open_object     how a class becomes a model, and the model of what the documents do not know
    amounts         two integers that are one exact number
    token_costs     what so many tokens cost
    sealing         secrets among arguments, put out of sight
    unexpected      arguments that a call does not take
    headers         those of an answer, by name in any case
    operation       what may be known of an operation before it is called
    types           requests and answers, as values
    paging          a list page by page
    listing         answers that are about a list
    deprecation     what is deprecated, said to checkers and callers
    client          what a client is
    node            a place in the tree of friendly calls
    surface         where a host is, and whom it lets in
    commands        a row of the table that `tm` is made of
"""
