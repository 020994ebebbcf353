"""What Lambda's runtimes bring: libraries, the versions of their symbols, and packages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..target import Target

# Packages of the runtimes ("Runtime dependencies in Python", AWS Lambda Developer Guide: boto3, and what it
# requires).
PACKAGES = frozenset({"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"})
# What those are imported as.
MODULES = frozenset({"boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"})

# The parts of glibc (its manual) and of GCC's runtime, which every image of the runtimes has.
_LIBRARIES = frozenset(
    {
        "ld-linux-aarch64.so.1",
        "ld-linux-x86-64.so.2",
        "libBrokenLocale.so.1",
        "libanl.so.1",
        "libc.so.6",
        "libdl.so.2",
        "libgcc_s.so.1",
        "libm.so.6",
        "libmvec.so.1",
        "libnss_dns.so.2",
        "libnss_files.so.2",
        "libpthread.so.0",
        "libresolv.so.2",
        "librt.so.1",
        "libstdc++.so.6",
        "libthread_db.so.1",
        "libutil.so.1",
        "libz.so.1",
    }
)

# What the standard library's own modules are linked to. AWS' images have them, but no document promises it,
# and functions run without some of what their image has (libexpat.so.1 is one that they miss).
UNCERTAIN = frozenset(
    {
        "libbz2.so.1",
        "libcrypto.so.10",
        "libcrypto.so.3",
        "libffi.so.6",
        "libffi.so.8",
        "liblzma.so.5",
        "libsqlite3.so.0",
        "libssl.so.10",
        "libssl.so.3",
        "libuuid.so.1",
    }
)


@dataclass(frozen=True, slots=True)
class System:
    """What a runtime's operating system has.

    Attributes:
        libraries: by soname.
        versions: prefix of a symbol version to the newest there is.
    """

    libraries: frozenset[str]
    versions: Mapping[str, tuple[int, ...]]


def system_of(target: Target) -> System:
    """The operating system of a target's runtime.

    The compilers are GCC 7.3 on Amazon Linux 2 (release notes) and GCC 11 on Amazon Linux 2023 (AL2023 User
    Guide, "Core toolchain"); what symbols those have is in GCC's "ABI Policy and Guidelines".
    """
    newest: dict[str, tuple[int, ...]]
    if target.glibc < (2, 34):
        newest = {"GLIBCXX": (3, 4, 24), "CXXABI": (1, 3, 11), "GCC": (7, 0, 0)}
        libraries = _LIBRARIES | {"libcrypt.so.1", "libnsl.so.1"}
    else:
        newest = {"GLIBCXX": (3, 4, 29), "CXXABI": (1, 3, 13), "GCC": (11, 0, 0)}
        libraries = _LIBRARIES | {"libcrypt.so.2"}
    own = {f"libpython{target.python}.so.1.0", "libpython3.so"}
    return System(libraries | own, {**newest, "GLIBC": target.glibc})
