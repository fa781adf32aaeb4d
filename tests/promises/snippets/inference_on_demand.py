from tensormesh import Tensormesh

SERVED = "openai-gpt-oss-120b-gpu-type-h200x1_8nic16"

with Tensormesh() as client:
    on_demand = client.inference.on_demand

    answer = on_demand.chat.completions.create(model=SERVED, messages=[{"role": "user", "content": "Who are you?"}])
    print(answer.choices[0].message.content)
    print([model.id for model in on_demand.models.list().data])
    print(on_demand.completions.create(model=SERVED, prompt="Roses are", max_tokens=8).choices[0].text)
    print(on_demand.responses.create(model=SERVED, input="Name one river.").status)
    tokens = on_demand.tokenize.create(model=SERVED, prompt="Hello!").tokens
    print(on_demand.detokenize.create(model=SERVED, tokens=tokens).prompt)
    print(on_demand.health.get().status, on_demand.version.get().version)
