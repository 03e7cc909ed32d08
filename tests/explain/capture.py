"""A capture of SMTP sessions made by hand: Ethernet, IPv4 or IPv6, TCP."""
import ipaddress
import struct

SYN, FIN, RST, PSH, ACK = 2, 1, 4, 8, 16


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packet(source, target, segment):
    """An Ethernet frame; the checksum of TCP is put into its place."""
    source, target = (ipaddress.ip_address(name)
                      for name in (source, target))
    if source.version == 6:
        pseudo = (source.packed + target.packed
                  + struct.pack("!IxxxB", len(segment), 6))
    else:
        pseudo = (source.packed + target.packed
                  + struct.pack("!xBH", 6, len(segment)))
    segment = (segment[:16] + struct.pack("!H", checksum(pseudo + segment))
               + segment[18:])
    if source.version == 6:
        head = struct.pack("!IHBB", 6 << 28, len(segment), 6, 64)
        kind = 0x86dd
        head += source.packed + target.packed
    else:
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 1, 0x4000,
                           64, 6, 0) + source.packed + target.packed
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        kind = 0x800
    return (b"\2\0\0\0\0\2\2\0\0\0\0\1" + struct.pack("!H", kind)
            + head + segment)


class Capture:
    """What tcpdump would write; a hundredth of a second a packet."""

    def __init__(self, start):
        self.now = start
        self.octets = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0,
                                  262144, 1)

    def add(self, frame):
        self.octets += struct.pack("<IIII", int(self.now),
                                   int(self.now % 1 * 1000000),
                                   len(frame), len(frame)) + frame
        self.now += 0.01

    def session(self, client, server, talk, port=40001):
        """`talk` is a list of (b"C" or b"S", octets); server speaks at 25."""
        ends = {b"C": [client, server, port, 25, 1000],
                b"S": [server, client, 25, port, 5000]}

        def send(who, flags, data=b""):
            source, target, from_port, to_port, number = ends[who]
            other = ends[b"S" if who == b"C" else b"C"][4]
            self.add(packet(source, target, struct.pack(
                "!HHIIBBHHH", from_port, to_port, number,
                other if flags & ACK else 0, 5 << 4, flags, 65535, 0, 0)
                + data))
            ends[who][4] += len(data) + bool(flags & (SYN | FIN))

        send(b"C", SYN)
        if not talk:
            send(b"S", RST | ACK)
            return
        send(b"S", SYN | ACK)
        send(b"C", ACK)
        for who, data in talk:
            send(who, PSH | ACK, data)
        send(b"C", FIN | ACK)
        send(b"S", FIN | ACK)
        send(b"C", ACK)


def delivery(sender, recipient, end, message=b"Subject: new\r\n\r\nnew\r\n"):
    """What is said to bring one message; `end` answers its last dot."""
    return [(b"S", b"220 mx.receiver.example ESMTP\r\n"),
            (b"C", b"EHLO out.example.org\r\n"),
            (b"S", b"250 mx.receiver.example\r\n"),
            (b"C", b"MAIL FROM:<" + sender + b">\r\n"),
            (b"S", b"250 2.1.0 OK\r\n"),
            (b"C", b"RCPT TO:<" + recipient + b">\r\n"),
            (b"S", b"250 2.1.5 OK\r\n"),
            (b"C", b"DATA\r\n"),
            (b"S", b"354 Go ahead\r\n"),
            (b"C", message + b".\r\n"),
            (b"S", end),
            (b"C", b"QUIT\r\n"),
            (b"S", b"221 2.0.0 closing\r\n")]
