#!/usr/bin/env bash
# Writes requirements.lock (to run) and requirements-dev.lock (to test) anew from pyproject.toml: exact versions with
# hashes, no index address. Run it after changing dependencies, then commit both.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -x .venv/bin/uv ] || .venv/bin/python -m pip install --disable-pip-version-check --quiet uv
options=(--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet)
# setuptools builds our own package; pinned here so that the set-up fetches nothing unpinned.
echo "setuptools>=80" | .venv/bin/uv pip compile pyproject.toml - "${options[@]}" "$@" -o requirements.lock
echo "setuptools>=80" | .venv/bin/uv pip compile pyproject.toml - --extra dev -c requirements.lock "${options[@]}" "$@" \
  -o requirements-dev.lock
