"""The command line: `python -m build` here; `lamina` and `python -m lamina` where the wheel is installed."""

import gc
import os
import sys


def main() -> int:
    """Runs what the command line asks for; see `cli.main`.

    Returns:
        The exit code.
    """
    # One short run makes many small objects and no cycles worth looking for: that takes a tenth of the time.
    gc.disable()
    try:
        # An interrupt may come while anything is loaded.
        from .query import query_for  # noqa: PLC0415 (as above)
        from .unchanged import recalled  # noqa: PLC0415 (as above)

        query = query_for(sys.argv[1:])
        known = recalled(sys.argv[1:], query)
        if known is None:
            code = _run(query)
        else:
            from .console import answered  # noqa: PLC0415 (where argparse and all behind it is not needed)

            code = answered(*known)
    except KeyboardInterrupt:
        os.write(2, b"error: interrupted\n")
        code = 130
    # The interpreter looks for cycles once more when it ends.
    gc.freeze()
    return code


def _run(query: bytes | None) -> int:
    import signal  # noqa: PLC0415 (an unchanged build is over before anybody can interrupt it)
    from types import FrameType  # noqa: PLC0415 (as above)

    def terminated(number: int, _: FrameType | None) -> None:
        # An exception, so that what is half-written is taken away; os.write, because stderr may be in use.
        os.write(2, b"error: terminated\n")
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, terminated)
    sys.unraisablehook = _raised_nowhere
    from .cli import main as run  # noqa: PLC0415 (as above)

    # The command that a wheel installs is called as the package is.
    return run(sys.argv[1:], query, program=None if __name__ == "__main__" else str(__package__))


def _raised_nowhere(lost: "sys.UnraisableHookArgs") -> None:
    """Hears of an exception that came where Python cannot raise one, as in a callback while it imports.

    An interrupt that comes there would be lost: it is made to come once more, when the callback is over.
    """
    import signal  # noqa: PLC0415 (hardly ever needed)
    import threading  # noqa: PLC0415 (as above)

    if issubclass(lost.exc_type, KeyboardInterrupt):
        again = (threading.main_thread().ident, signal.SIGINT)
        threading.Thread(target=signal.pthread_kill, args=again, daemon=True).start()
    elif not issubclass(lost.exc_type, SystemExit):
        sys.__unraisablehook__(lost)
    else:
        # It was terminated, and has said so.
        from .temporary import take_away  # noqa: PLC0415 (as above)

        take_away()
        os._exit(int(getattr(lost.exc_value, "code", 1)))


if __name__ == "__main__":
    sys.exit(main())
