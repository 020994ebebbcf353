"""How much a wheel may ask for before it is taken for an attack; each number with its reason."""

from __future__ import annotations

MIB = 1 << 20

# A function and its layers have 250 MB together, unzipped (AWS Lambda Developer Guide, "Lambda quotas"). Much
# of a wheel may be left out of a layer (`exclude`, `slim`); more than three quarters are not.
MOST_UNPACKED = 1024 * MIB

# What is longer cannot unpack to as little, with its directory; a server may send bytes without end.
MOST_PACKED = MOST_UNPACKED + 64 * MIB

# The rule by which PyPI refuses an upload: it looks at the ratio only where there is something to gain
# (warehouse, forklift/legacy.py). Deflate packs at most about 1032 to 1.
RATIO_FROM = 64 * MIB
MOST_RATIO = 50

# Twice what an archive without zip64 can name. Every member costs about two kilobytes of memory meanwhile.
MOST_MEMBERS = 2 * 0xFFFF

# The archive's directory is read as one piece. An entry takes 46 bytes and its name; 100,000 entries with
# names of 100 bytes take 15 MB, but a single one can have 192 KiB.
MOST_DIRECTORY = 24 * MIB

# RECORD has one line for each file; 131,070 lines with names of 100 bytes take 21 MB.
MOST_RECORD = 32 * MIB

# WHEEL and METADATA are read whole. METADATA carries the project's README; the largest seen have some 300 KB.
MOST_HEADERS = 4 * MIB

# What a layer of many packages has of METADATA, WHEEL, RECORD and the like together; as its largest RECORD.
MOST_TEXT = MOST_RECORD

# How many folders a layer's path may be in. The deepest seen have some 15.
MOST_DEPTH = 64

# What one package may require. The largest seen list some 700.
MOST_REQUIRES = 5000

# What a Requires-Python and a Requires-Dist may have: each is read as one expression, whose time and depth
# grow with it. The longest seen have some 200 letters.
MOST_EXPRESSION = 4096

# What Linux takes (limits.h, NAME_MAX and PATH_MAX) below /opt/python/, where a layer is; a NUL ends a path.
MOST_NAME = 255
MOST_PATH = 4096 - len("/opt/python/") - 1
