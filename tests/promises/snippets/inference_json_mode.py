import json

from tensormesh import Tensormesh

with Tensormesh() as client:
    answer = client.inference.serverless.chat.completions.create(
        model="openai/gpt-oss-20b",
        messages=[{"role": "user", "content": "Name a river, as JSON."}],
        response_format={"type": "json_object"},
    )
    print(json.loads(answer.choices[0].message.content or ""))
