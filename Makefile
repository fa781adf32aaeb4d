# One verb each. `make demo` and `make test` work on a fresh clone and install what they need.

python = .venv/bin/python
uv = $(or $(shell command -v uv),.local/uv/bin/uv)
# An option for what was given to make itself: a HOST that a shell exports is not meant.
given = $(if $(filter command,$(origin $1)),$2 '$($1)')

# What `make check` does, all at once: each says what it found when it is through.
checks = check/format check/lint check/mypy check/pyright check/fresh check/docs

.DEFAULT_GOAL := help
.PHONY: help install generate check format test test-ray fuzz soak growth contract contract-foreign live interplay documents demo local bench bench-peers bench-batch docs dist clean

help:      ## what can be done here
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

install: .venv/.installed  ## a virtual environment with everything (the other verbs do this by themselves)

.venv/.installed: uv.lock pyproject.toml
	@scripts/install

generate: install  ## documents and templates -> tensormesh_generated, openapi_bundled, what of docs/ repeats code, and what changed
	@$(python) -m tools.generate
	@$(python) -m tests.cli.reference
	@$(python) -m documentation

check: install  ## format, lint, types, and whether all that is made of something is fresh
	@$(MAKE) --no-print-directory --jobs --keep-going $(checks)

check/format:
	.venv/bin/ruff format --check --quiet .

check/lint:
	.venv/bin/ruff check --quiet .

check/mypy:
	.venv/bin/mypy

check/pyright:
	.venv/bin/pyright --pythonpath $(python)

check/fresh:
	$(python) -m tools.generate --check

check/docs:
	$(python) -m documentation --check

format: install  ## put the handwritten code in order
	.venv/bin/ruff check --quiet --fix .
	.venv/bin/ruff format --quiet .

# One more than there are cores: many tests wait for a program that they start.
processes = $(shell $(python) -c 'import os; print(min(8, 1 + (os.cpu_count() or 1)))')

# A file stays in one process, which makes once what its tests share, and the folders in their order: the longest files
# have few tests, and would come last. What is compiled is kept, tests with their assertions rewritten too: it is dearer
# than many a test, and each of the hundreds of programs that they start would do it again.
test: install  ## every test, in several processes; nothing leaves this machine
	PYTHONDONTWRITEBYTECODE= $(python) -m pytest --numprocesses $(processes) --dist loadfile --no-loadscope-reorder $(ARGS)

test-ray: install  ## batches on two nodes of Ray, installed below .local (0.5 GB), which are killed; a minute
	@UV_PROJECT_ENVIRONMENT=.local/ray $(uv) sync --quiet --frozen --group ray --python $(python)
	@.local/ray/bin/python -m pytest tests/batch/test_ray.py $(ARGS)

fuzz: install  ## every property test with many more cases, CASES= of each; five minutes
	@$(python) -m tests.fuzz $(call given,CASES,--cases) $(ARGS)

soak: install  ## many calls, many at once, many abandoned: fails where anything grows or is left; a minute
	@$(python) -m benchmarks.soak $(ARGS)

contract: install  ## check a host against the documents: HOST= KEY= SURFACE= USER_ID=; without HOST, a local one
	@$(python) -m tensormesh_contract --html .local/contract.html --json .local/contract.json \
		$(call given,HOST,--host) $(call given,SURFACE,--surface) $(call given,USER_ID,--user-id) $(ARGS)

contract-foreign: install  ## transformers serve, llama-cpp-python and a LiteLLM proxy against the documents, installed below .local; skipped where they cannot be had
	@$(python) -m tests.foreign $(ARGS)

live: install  ## client and local host against a real vLLM, installed below .local (3.4 GB); skipped where none can be had
	@$(python) -m tests.live $(ARGS)

interplay: install  ## with the newest `openai`, LiteLLM, LangChain and other frameworks, installed below .local (1.5 GB); ARGS=--short: without the large; skipped where they cannot be had
	@$(python) -m tests.interplay $(ARGS)

documents: install  ## what linters and generators of others find in the bundles; those of npm are installed below .local (0.2 GB)
	@$(python) -m tests.bundles $(ARGS)

demo: install  ## generate, start a Tensormesh of your own, and call all of it; no account needed
	@$(python) -m tools.generate
	@$(python) -m examples.demo

local: install  ## a Tensormesh of your own on 127.0.0.1, until Ctrl-C
	@$(python) -m tensormesh_local --env-file .local/env

bench: install  ## what parsing, importing and telling OpenTelemetry cost, as ratios
	@$(python) -m benchmarks

bench-peers: install  ## what calls cost beside other clients, each in an environment of its own: half an hour
	@$(python) -m benchmarks.peers

growth: install  ## whether any input makes work grow with its square: fails where one does; WORDS= of its cases; a quarter of an hour
	@$(python) -m benchmarks.growth $(WORDS) $(ARGS)

bench-batch: install  ## batches beside the plain loop of the client, and what their order saves; ARGS=--figures keeps it for the guide's pictures; five minutes
	@$(python) -m benchmarks.batch $(ARGS)

docs: install  ## the site of docs/, built strictly and served at http://127.0.0.1:8000; ARGS=build does not serve
	@$(python) -m documentation $(or $(ARGS),serve)

dist: install  ## wheel and sdist; then the wheel alone, in a clean environment, makes a call
	@$(python) -m tools.dist

clean:     ## what the verbs above made, but for the generated package
	rm -rf .venv .local dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis .cache
