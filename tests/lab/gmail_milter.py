#!/usr/bin/python3
"""gmail_milter.py SOCKET - a milter that refuses as Gmail does, in several lines.

The recipient's domain chooses the rule, and whether it falls at RCPT or after
the end of DATA:

    gmail-like, and all others   every IPv6 client        NotAuthorizedError
    rcpt.gmail-like              the same, at RCPT
    auth.gmail-like              IPv6 without FCrDNS      IPv6AuthError
    ptr.gmail-like               any without FCrDNS       5.7.25
    ok.gmail-like                none

The texts are Gmail's of 2024, as public bounces show them, rewrapped.
"""
import os
import random
import socket
import struct
import sys
import textwrap
import threading

NOTAUTH = ("5.7.1", """The IP you're using to send mail is not
    authorized to send email directly to our servers. Please use the SMTP
    relay at your service provider instead. For more information, go to""",
    [" https://support.google.com/mail/?p=NotAuthorizedError %s"])
IPV6AUTH = ("5.7.1", """Our system has detected that this message does not
    meet IPv6 sending guidelines regarding PTR records and authentication.
    Please review""",
    [" https://support.google.com/mail/?p=IPv6AuthError for more information",
     ". %s"])
NOPTR = ("5.7.25", """The IP address sending this message does not have a PTR
    record setup, or the corresponding forward DNS entry does not point to
    the sending IP. As a policy, Gmail does not accept messages from IPs with
    missing PTR records. For more information, go to""",
    [" https://support.google.com/mail/answer/81126#ip-practices %s"])


def refusal(text, address):
    status, words, tail = text
    words = " ".join(("[%s] %s" % (address, words)).split())
    lines = textwrap.wrap(words, 70, break_on_hyphens=False) + tail
    token = "m18-20020a170902%016xsi%dplg.%d - gsmtp" % (
        random.getrandbits(64), random.randrange(10**6, 10**7),
        random.randrange(1, 999))
    lines[-1] %= token
    marks = ["-"] * (len(lines) - 1) + [" "]
    return "\r\n".join("550%s%s %s" % (mark, status, line)
                       for mark, line in zip(marks, lines))


class Client:
    """One connection to Postfix: who speaks, and what is held against it."""

    def __init__(self, door):
        self.door, self.address, self.is_v6, self.is_known = door, "", False, False
        self.held = None        # to be said at the end of the message

    def take(self, size):
        got = b""
        while len(got) < size:
            part = self.door.recv(size - len(got))
            if not part:
                raise EOFError
            got += part
        return got

    def say(self, command, data=b""):
        self.door.sendall(struct.pack("!I", 1 + len(data)) + command + data)

    def connect(self, data):
        host, rest = data.split(b"\0", 1)
        self.is_v6 = rest[:1] == b"6"
        self.address = rest[3:].rstrip(b"\0").decode().removeprefix("IPv6:")
        # When reverse and forward DNS disagree, the name is "[address]".
        self.is_known = not host.startswith(b"[") and host != b"unknown"

    def judge(self, recipient):
        domain = recipient.rstrip(">").rpartition("@")[2].lower()
        if domain == "ok.gmail-like.example":
            return None
        if domain == "ptr.gmail-like.example":
            return None if self.is_known else NOPTR
        if domain == "auth.gmail-like.example":
            return IPV6AUTH if self.is_v6 and not self.is_known else None
        return NOTAUTH if self.is_v6 else None

    def answer(self, command, data):
        refused = None
        if command == b"C":
            self.connect(data)
        elif command == b"M":
            self.held = None
        elif command == b"R":
            recipient = data.split(b"\0")[0].decode("utf-8", "replace")
            text = self.judge(recipient)
            if "@rcpt." in recipient.lower():
                refused = text
            elif text:
                self.held = text
        elif command == b"E":
            refused, self.held = self.held, None
        if refused:
            self.say(b"y", refusal(refused, self.address).encode() + b"\0")
        else:
            self.say(b"c")

    def turn(self):
        size, = struct.unpack("!I", self.take(4))
        message = self.take(size)
        command, data = message[:1], message[1:]
        if command == b"O":     # nothing of EHLO, header, body, unknown
            version = min(6, struct.unpack("!I", data[:4])[0])
            self.say(b"O", struct.pack("!III", version, 0, 0x02 | 0x10 | 0x20 | 0x40))
        elif command == b"A":
            self.held = None
        elif command == b"Q":
            return False
        elif command not in b"DK":
            self.answer(command, data)
        return True


def serve(door):
    client = Client(door)
    try:
        while client.turn():
            pass
    except (EOFError, ConnectionError):
        pass
    finally:
        door.close()


path = sys.argv[1]
listener = socket.socket(socket.AF_UNIX)
listener.bind(path + ".new")
os.chmod(path + ".new", 0o777)
listener.listen(64)
os.rename(path + ".new", path)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
