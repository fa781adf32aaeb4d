from tensormesh import Tensormesh

MODEL = "openai/gpt-oss-20b"

with Tensormesh() as client:
    serverless = client.inference.serverless

    print([model.id for model in serverless.models.list().data])
    print(serverless.completions.create(model=MODEL, prompt="Roses are", max_tokens=8).choices[0].text)
    print(serverless.responses.create(model=MODEL, input="Name one river.").output[-1].content)
    tokens = serverless.tokenize.create(model=MODEL, prompt="Hello!").tokens
    print(serverless.detokenize.create(model=MODEL, tokens=tokens).prompt)
    print(serverless.health.get().status, serverless.version.get().version)
