"""`python -m core.access hash` asks for a password and prints a hash for ADMIN_PASSWORD."""

import getpass
import sys
from collections.abc import Sequence

from core.access import password as admin_password


def main(arguments: Sequence[str]) -> int:
    """Print the hash of a password that is typed twice, or read from standard input."""
    if list(arguments) != ["hash"]:
        print("usage: python -m core.access hash", file=sys.stderr)  # noqa: T201
        return 2
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if getpass.getpass("Repeat the password: ") != password:
            print("The passwords differ. Start again.", file=sys.stderr)  # noqa: T201
            return 1
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not password.strip():
        print("The password is empty. Type one.", file=sys.stderr)  # noqa: T201
        return 1
    # Without blanks, the line also suits a shell, compose's .env and systemd's EnvironmentFile.
    print(f"ADMIN_PASSWORD='{admin_password.make_hash(password)}'")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
