#!/bin/sh
# Finds a Python for scripts/venv.py, which makes .venv from the pins where it is missing, half-made or outdated.
set -eu
cd "$(dirname "$0")/.."

modern='import sys; sys.exit(sys.version_info < (3, 11))'

# A .venv that is there knows its Python: make up PYTHON=python3.13 is not undone by the next make without it.
if [ -n "${PYTHON:-}" ]; then
    set -- "$PYTHON"
else
    set -- .venv/bin/python python3 python3.14 python3.13 python3.12 python3.11 python
fi
for candidate in "$@"; do
    if "$candidate" -I -c "$modern" >/dev/null 2>&1; then
        exec "$candidate" -I scripts/venv.py
    fi
done

first=${PYTHON:-python3}
found=$("$first" --version 2>&1) || found="no $first"
echo "error: Lamina needs Python 3.11 or newer, and found only: $found. Install one, or name it: make up PYTHON=/path/to/python3.12" >&2
exit 1
