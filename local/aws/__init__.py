"""The embedded AWS: moto and our Lambda service behind one loopback port (`server`, `front`)."""
