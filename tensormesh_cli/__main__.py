"""`tm`, and `python -m tensormesh_cli`."""

import sys

from tensormesh_cli.exit_codes import INTERRUPTED


def main() -> None:
    """Run `tm`. All else is imported inside, so that Ctrl-C is met from the first moment on."""
    try:
        from tensormesh_cli.main import run

        run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
