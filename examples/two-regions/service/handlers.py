"""The functions: each tells who it is, and which packages of its layers it runs on."""

import os
from importlib.metadata import version
from typing import Any

Answer = dict[str, Any]


def front(_event: Any, _context: Any) -> Answer:
    """Runs on the layer `web`."""
    return _told("jinja2")


def search(_event: Any, _context: Any) -> Answer:
    """Runs on both layers."""
    return _told("jinja2", "isodate")


def ingest(_event: Any, _context: Any) -> Answer:
    """Runs on the layer `data`."""
    return _told("isodate")


def report(_event: Any, _context: Any) -> Answer:
    """Runs on both layers."""
    return _told("isodate", "jinja2")


def sweep(_event: Any, _context: Any) -> Answer:
    """Runs on the layer `data`."""
    return _told("isodate")


def _told(*packages: str) -> Answer:
    found = {package: version(package) for package in packages}
    return {"function": os.environ["AWS_LAMBDA_FUNCTION_NAME"], "packages": found}
