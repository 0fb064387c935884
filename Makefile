# Two commands: `make demo` asks the example handbook, `make test` runs every test. Both set up .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# llama.cpp is built for this processor. Its AMX kernels, as GCC 12 compiles them, crash on the first prompt, so they
# are left out; a machine with CUDA sets CMAKE_ARGS itself (README.md).
NO_AMX := -mno-amx-tile -mno-amx-int8 -mno-amx-bf16
ifeq ($(shell echo | $(CC) $(NO_AMX) -E - >/dev/null 2>&1 && uname -m),x86_64)
export CMAKE_ARGS ?= -DCMAKE_C_FLAGS='$(NO_AMX)' -DCMAKE_CXX_FLAGS='$(NO_AMX)'
endif

.PHONY: demo test coverage lint lock locales clean

demo: $(READY) ## index examples/handbook and chat with it, or: make demo ASK="..."
	$(BIN)/sotay --config examples/sotay.toml demo $(if $(ASK),'$(subst ','\'',$(ASK))')

test: $(READY) ## run every test
	$(BIN)/python -m pytest

coverage: $(READY) ## every branch of inbox and delivery is tested, or this fails
	$(BIN)/coverage run -m pytest -q tests/core
	$(BIN)/coverage report --fail-under=100

lint: $(READY) ## ruff and mypy, as strict as they go
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(READY): requirements.lock llama.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Sổ Tay needs Python 3.11 or newer; try: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	@echo "Setting up $(VENV): about 6 minutes the first time, most of it building llama.cpp ..."
	$(PYTHON) -m venv $(VENV)
	@# pip's cache does not know by which flags a wheel was built, so llama.cpp is always built anew
	$(BIN)/python -m pip install --quiet --require-hashes -r llama.lock --no-deps --no-cache-dir
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

lock: ## pin every dependency, with hashes (needs uv)
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		--extra dev --quiet --upgrade pyproject.toml --output-file requirements.lock
	sed -n '/^llama-cpp-python==/,/^    # via/p' requirements.lock > llama.lock

locales: $(READY) ## compile core/locales/*/LC_MESSAGES/sotay.po
	$(BIN)/pybabel compile --domain sotay --directory core/locales

clean: ## remove the virtual environment and the demo's data
	rm -rf $(VENV) var
