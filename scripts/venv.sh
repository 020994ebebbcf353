#!/bin/sh
# Makes .venv from the pinned requirements, and makes it anew when the pins or the Python change; else does nothing.
set -eu
cd "$(dirname "$0")/.."

modern='import sys; sys.exit(sys.version_info < (3, 11))'

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        if "$candidate" -c "$modern" >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    found=$(${PYTHON:-python3} --version 2>&1 || true)
    echo "make: Lamina needs Python 3.11 or newer, and found only: ${found:-none}. Install one, or name it: make PYTHON=/path/to/python3.12" >&2
    exit 1
}

python=$(find_python)
wanted=$({ "$python" -c 'import sys; print(sys.version, sys.base_prefix)'; cat requirements.txt requirements-dev.txt requirements-uv.txt; } | cksum)
if [ -x .venv/bin/python ] && [ "$(cat .venv/.pins 2>/dev/null || true)" = "$wanted" ]; then
    exit 0
fi

echo "making .venv from the pins ($("$python" --version))" >&2
rm -rf .venv
# A Python without ensurepip (Debian's python3 without python3-venv) says itself what to install.
"$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-uv.txt
.venv/bin/uv pip sync --quiet --require-hashes --python .venv/bin/python requirements.txt requirements-dev.txt
echo "$wanted" >.venv/.pins
