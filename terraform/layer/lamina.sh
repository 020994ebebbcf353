#!/bin/sh
# Runs the builder for Terraform: by LAMINA_PYTHON, this repository's .venv, a Python that has the pins, or uv.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
root=$(CDPATH='' cd -- "$here/../.." && pwd -P)

if [ ! -f "$root/build/__main__.py" ]; then
    echo "error: $root has no build/: the module has to come with its repository; end a git source, or an absolute path of a clone, with //terraform/layer" >&2
    exit 1
fi

PYTHONPATH=$root${PYTHONPATH:+:$PYTHONPATH}
export PYTHONPATH
# Without -P, a folder `build` where Terraform runs could be taken for the builder.
run='-P -m build external'

if [ -n "${LAMINA_PYTHON:-}" ]; then
    if ! command -v "$LAMINA_PYTHON" >/dev/null 2>&1; then
        echo "error: LAMINA_PYTHON=$LAMINA_PYTHON cannot be run; name a Python 3.11 or newer that has the pins of requirements.txt" >&2
        exit 1
    fi
    # shellcheck disable=SC2086
    exec "$LAMINA_PYTHON" $run
fi

if [ -x "$root/.venv/bin/python" ]; then
    # shellcheck disable=SC2086
    exec "$root/.venv/bin/python" $run
fi

# Only what a build may load is looked for; nothing is imported, because that takes long.
has='
import sys
from importlib.util import find_spec
pins = ("boto3", "cyclonedx", "deflate", "elftools", "httpx", "packaging", "pathspec", "rich")
sys.exit(sys.version_info < (3, 11) or not all(map(find_spec, pins)))'

for candidate in python3 python; do
    if "$candidate" -P -c "$has" </dev/null >/dev/null 2>&1; then
        # shellcheck disable=SC2086
        exec "$candidate" $run
    fi
done

if command -v uv >/dev/null 2>&1; then
    # shellcheck disable=SC2086
    exec uv run --quiet --no-project --isolated --python "${UV_PYTHON:->=3.11}" --with-requirements "$here/requirements.txt" python $run
fi

echo "error: the builder needs uv on the PATH, or a Python 3.11 or newer with the pins of $here/requirements.txt: install uv, or name that Python by LAMINA_PYTHON" >&2
exit 1
