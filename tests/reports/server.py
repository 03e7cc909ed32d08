"""A mail server on loopback, over both families on one port, for the tests of
the reports.  What it says is given as a few texts; it never resolves, relays
or keeps anything.
"""
import socket
import threading
import time

BOTH = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))


class Server:
    """`says`: what is answered at "banner", "ehlo", "mail", "rcpt", whole
    replies of bytes without the last CRLF, for each family or for both;
    `wait`: seconds before the banner; `heard`: each line that came."""

    def __init__(self, says, wait=0.0):
        self.says, self.wait = says, wait
        self.heard = []
        self.listeners = self.listen()
        self.port = self.listeners[0][1].getsockname()[1]
        for family, listener in self.listeners:
            threading.Thread(target=self.accept, args=(family, listener),
                             daemon=True).start()

    @staticmethod
    def listen():
        """One port that is free over both families."""
        for _ in range(50):
            pair, port = [], 0
            try:
                for family, address in BOTH:
                    listener = socket.socket(family, socket.SOCK_STREAM)
                    pair.append((family, listener))
                    if family == socket.AF_INET6:
                        listener.setsockopt(socket.IPPROTO_IPV6,
                                            socket.IPV6_V6ONLY, 1)
                    listener.bind((address, port))
                    listener.listen(8)
                    port = listener.getsockname()[1]
                return pair
            except OSError:
                for _, listener in pair:
                    listener.close()
        raise RuntimeError("no port is free over both families")

    def text(self, family, stage):
        said = self.says.get((stage, 4 if family == socket.AF_INET else 6))
        return said or self.says.get(stage) or b"250 ok"

    def accept(self, family, listener):
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(family, peer),
                             daemon=True).start()

    def talk(self, family, peer):
        with peer:
            peer.settimeout(20)
            try:
                time.sleep(self.wait)
                peer.sendall(self.text(family, "banner") + b"\r\n")
                for line in peer.makefile("rb"):
                    self.heard.append(line)
                    word = line[:4].strip().lower().decode("latin-1")
                    if word == "quit":
                        peer.sendall(b"221 2.0.0 bye\r\n")
                        return
                    peer.sendall(self.text(family, word) + b"\r\n")
            except OSError:
                return

    def close(self):
        for _, listener in self.listeners:
            listener.close()
