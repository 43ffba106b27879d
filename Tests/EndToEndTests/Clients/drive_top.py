"""Uses `redstart top` as a person at a terminal does: looks, makes the window smaller, scrolls, quits.

    drive_top.py REDSTART URL NAME

Ends with 0 when the screen was filled both times, showed NAME, and was given back.
"""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def read_until(terminal, condition, seconds=60):
    """What the program writes, until it meets the condition."""
    text, end = "", time.monotonic() + seconds
    while not condition(text):
        if time.monotonic() > end:
            sys.exit(f"{seconds} s in vain; the screen: {text[-2000:]!r}")
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                text += os.read(terminal, 65536).decode(errors="replace")
            except OSError:
                # The program has ended, and with it the other side.
                return text
    return text


def last_picture(text):
    return text.rsplit("\x1b[H", 1)[-1]


def is_filled(text, rows):
    picture = last_picture(text)
    return picture.endswith("\x1b[J") and "scroll" in picture and picture.count("\r\n") == rows - 1


def main():
    program, url, name = sys.argv[1:4]
    child, terminal = pty.fork()
    if child == 0:
        time.sleep(0.5)
        os.execv(program, [program, "top", "--url", url, "--interval", "200ms"])
    resize(terminal, 120, 30)
    first = read_until(terminal, lambda text: is_filled(text, 30))
    if "\x1b[?1049h" not in first or name not in last_picture(first):
        sys.exit(f"not the screen that was expected: {first!r}")
    resize(terminal, 70, 12)
    read_until(terminal, lambda text: is_filled(text, 12))
    os.write(terminal, b"\x1b[Bq")
    rest = read_until(terminal, lambda text: "\x1b[?1049l" in text)
    if not rest.endswith("\x1b[?1049l") or "\x1b[?25h" not in rest:
        sys.exit(f"the terminal was not given back: {rest!r}")
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    sys.exit(code)


main()
