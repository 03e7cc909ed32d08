#!/usr/bin/python3
"""rewrap_milter.py SOCKET - a forwarder that wraps the lines of what it forwards.

The body of a message for rewrap@... is broken at the spaces before column 72,
as mailing lists and gateways do that mean well.  Every other message is left
alone.
"""
import sys

import milter

WIDTH = 72


def wrapped(body):
    lines = []
    for line in body.split(b"\r\n"):
        while len(line) > WIDTH and b" " in line[1:WIDTH + 1]:
            cut = line.rindex(b" ", 1, WIDTH + 1)
            lines.append(line[:cut])
            line = line[cut + 1:]
        lines.append(line)
    return b"\r\n".join(lines)


class Client(milter.Client):
    actions = milter.CHANGE_BODY
    unwanted = milter.NO_HELO | milter.NO_HEADERS | milter.NO_END_OF_HEADERS
    is_wanted, parts = False, []

    def begin(self):
        self.is_wanted, self.parts = False, []

    def recipient(self, address):
        self.is_wanted = self.is_wanted or address.startswith("rewrap@")

    def body(self, part):
        self.parts.append(part)

    def end(self):
        if not self.is_wanted:
            return
        body = wrapped(b"".join(self.parts))
        for start in range(0, len(body), milter.CHUNK):
            self.say(b"b", body[start:start + milter.CHUNK])


milter.serve(sys.argv[1], Client)
