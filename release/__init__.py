"""Rollbacks, pins and canaries through boto3 alone: no engine, no state, no program, no build.

What it needs to know it finds in AWS: each function's tags name its stack and the bucket of the ledger, the
ledger has every version that passed its smoke test, and the `live` aliases say what runs. So it works while
the lock is broken, the program does not run and the state's backend is down.
"""
