from tensormesh import Tensormesh

with Tensormesh() as client:
    answer = client.inference.serverless.chat.completions.create(
        model="openai/gpt-oss-20b",
        messages=[{"role": "user", "content": "Say hello in one sentence."}],
    )
    print(answer.choices[0].message.content)
