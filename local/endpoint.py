"""Where the embedded AWS is, and how clients are told."""

from __future__ import annotations

HOST = "127.0.0.1"
# Of a request that names none.
DEFAULT_REGION = "us-west-2"


def endpoint_of(port: int) -> str:
    """The URL of the embedded AWS on a port."""
    return f"http://{HOST}:{port}"


def environment_of(port: int) -> dict[str, str]:
    """The environment variables by which every AWS SDK finds the embedded AWS on a port."""
    return {
        "AWS_ENDPOINT_URL": endpoint_of(port),
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": DEFAULT_REGION,
        "AWS_DEFAULT_REGION": DEFAULT_REGION,
    }
