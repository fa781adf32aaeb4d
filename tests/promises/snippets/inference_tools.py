import json

from tensormesh import Tensormesh

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the current weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}

with Tensormesh() as client:
    answer = client.inference.serverless.chat.completions.create(
        model="openai/gpt-oss-20b",
        messages=[{"role": "user", "content": "What is the weather in Paris?"}],
        tools=[WEATHER],
    )
    for call in answer.choices[0].message.tool_calls or []:
        print(call.function.name, json.loads(call.function.arguments))
