"""The milter's side of Sendmail's milter protocol, as much as Postfix needs."""
import os
import socket
import struct
import threading

NO_HELO, NO_BODY, NO_HEADERS, NO_END_OF_HEADERS = 0x02, 0x10, 0x20, 0x40
CHANGE_BODY = 0x02
CHUNK = 65535                   # the most that one body reply may have


class Client:
    """One connection to Postfix.  A rule is a class made of this one."""
    actions, unwanted = 0, NO_HELO | NO_BODY | NO_HEADERS | NO_END_OF_HEADERS

    def __init__(self, door):
        self.door = door

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

    def connect(self, host, address):
        """Who speaks to Postfix: the name it found, and the address."""

    def begin(self):
        """MAIL FROM, or the end of a message that came to nothing."""

    def recipient(self, address):
        """A reply that refuses the recipient, or None."""

    def body(self, part):
        """A part of the message's body, with CRLF."""

    def end(self):
        """A reply that refuses the message, or None."""

    def answer(self, command, data):
        refused = None
        if command == b"C":
            host, rest = data.split(b"\0", 1)
            address = rest[3:].rstrip(b"\0").decode()
            self.connect(host, address.removeprefix("IPv6:"))
        elif command == b"M":
            self.begin()
        elif command == b"R":
            address = data.split(b"\0")[0].decode("utf-8", "replace")
            refused = self.recipient(address.strip("<>").lower())
        elif command == b"B":
            self.body(data)
        elif command == b"E":
            refused = self.end()
        if refused:
            self.say(b"y", refused.encode() + b"\0")
        else:
            self.say(b"c")

    def turn(self):
        size, = struct.unpack("!I", self.take(4))
        message = self.take(size)
        command, data = message[:1], message[1:]
        if command == b"O":
            version = min(6, struct.unpack("!I", data[:4])[0])
            self.say(b"O", struct.pack("!III", version, self.actions, self.unwanted))
        elif command == b"A":
            self.begin()
        elif command == b"Q":
            return False
        elif command not in b"DK":
            self.answer(command, data)
        return True


def converse(client):
    try:
        while client.turn():
            pass
    except (EOFError, ConnectionError):
        pass
    finally:
        client.door.close()


def serve(path, rule):
    """Listens at PATH, which is there when it listens, and never returns."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path + ".new")
    os.chmod(path + ".new", 0o777)
    listener.listen(64)
    os.rename(path + ".new", path)
    while True:
        client = rule(listener.accept()[0])
        threading.Thread(target=converse, args=(client,), daemon=True).start()
