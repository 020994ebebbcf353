"""From a lock file to a reproducible, content-addressed layer.zip; knows nothing of Pulumi.

A warm build is over in a tenth of a second, of which modules that it loads take a good part. So these import
what takes long only where it is used, and carry data in named tuples where the rest has frozen dataclasses,
which cost ten times as much to define.
"""

# The only place: pyproject.toml, which is not there where this package is installed, reads it here.
VERSION = "0.1.0"
