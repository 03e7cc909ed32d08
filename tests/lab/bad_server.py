#!/usr/bin/python3
"""bad_server.py CERT KEY MAILDIR ADDRESS=BEHAVIOUR... - misbehaving servers.

mute         accepts, never says a word
tarpit:S     the banner comes after S seconds
slow:S       every reply, one byte each S seconds
b554 b421    refuses in the banner
closebanner  closes after accept
rstbanner    resets after accept
garbage      does not speak SMTP
notls        offers no STARTTLS
tls454       answers STARTTLS with 454
tlshang      answers STARTTLS with 220, then nothing
tlsclose     answers STARTTLS with 220, then closes
dataclose    takes the message and closes without an answer
datahang     takes the message and never answers
multi        EHLO in 205 lines
reject:NNN   answers RCPT with NNN
norm         ordinary
"""
import asyncio
import os
import socket
import ssl
import struct
import sys
import time


def keep(maildir, address, envelope, message):
    keep.count += 1
    name = "%010d.%d.bad" % (time.time(), keep.count)
    head = "Return-Path: %s\r\nDelivered-To: %s\r\nReceived: from [%s] by mx.bad.example; %s\r\n" % (
        *envelope, address, time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime()))
    with open(os.path.join(maildir, "tmp", name), "wb") as file:
        file.write((head.encode("latin-1") + message).replace(b"\r\n", b"\n"))
    os.rename(os.path.join(maildir, "tmp", name), os.path.join(maildir, "new", name))


keep.count = 0


class Session:
    def __init__(self, reader, writer, behaviour, tls, maildir):
        self.reader, self.writer = reader, writer
        self.behaviour, _, self.argument = behaviour.partition(":")
        self.tls, self.maildir = tls, maildir
        self.sender = self.recipient = ""

    async def say(self, text):
        data = (text + "\r\n").encode("latin-1")
        if self.behaviour != "slow":
            self.writer.write(data)
            return await self.writer.drain()
        for byte in data:
            self.writer.write(bytes([byte]))
            await self.writer.drain()
            await asyncio.sleep(float(self.argument))

    async def silence(self):
        while await self.reader.read(4096):
            pass

    async def greet(self):
        """Says the banner; True if the session goes on."""
        if self.behaviour == "mute":
            await self.silence()
        elif self.behaviour == "rstbanner":
            self.writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.writer.transport.abort()
        elif self.behaviour == "garbage":
            await self.say("\x16\x03\x01 HTTP/1.1 400 Bad Request\r\n\0\xff\xfe hello")
        elif self.behaviour == "b554":
            await self.say("554-mx.bad.example\r\n554 5.7.1 No SMTP service here for your network")
            await self.reader.readline()
        elif self.behaviour == "b421":
            await self.say("421 4.7.0 mx.bad.example Too many connections, try again later")
        elif self.behaviour != "closebanner":
            if self.behaviour == "tarpit":
                await asyncio.sleep(float(self.argument))
            await self.say("220 mx.bad.example ESMTP")
            return True
        return False

    async def ehlo(self):
        lines = ["mx.bad.example", "PIPELINING", "SIZE 10240000", "8BITMIME", "ENHANCEDSTATUSCODES"]
        if self.behaviour == "multi":
            lines += ["XEXT%03d value" % i for i in range(200)]
        if self.behaviour != "notls" and not self.writer.get_extra_info("sslcontext"):
            lines.append("STARTTLS")
        marks = ["-"] * (len(lines) - 1) + [" "]
        await self.say("\r\n".join("250" + mark + line for mark, line in zip(marks, lines)))

    async def starttls(self):
        if self.behaviour == "tls454":
            return await self.say("454 4.7.0 TLS not available due to temporary reason")
        await self.say("220 2.0.0 Ready to start TLS")
        if self.behaviour == "tlshang":
            await self.silence()
        if self.behaviour in ("tlshang", "tlsclose"):
            raise EOFError
        await self.writer.start_tls(self.tls)

    async def data(self):
        await self.say("354 go ahead")
        message = b""
        while True:
            line = await self.reader.readline()
            if not line:
                raise EOFError
            if line == b".\r\n":
                break
            message += line[1:] if line.startswith(b".") else line
        keep(self.maildir, self.writer.get_extra_info("peername")[0],
             (self.sender, self.recipient), message)
        if self.behaviour == "datahang":
            await self.silence()
        if self.behaviour in ("datahang", "dataclose"):
            raise EOFError
        await self.say("250 2.0.0 Ok: queued as LAB")

    async def turn(self):
        line = (await self.reader.readline()).decode("latin-1").rstrip("\r\n")
        if not line:
            return False
        verb = line.split(" ")[0].split(":")[0].upper()
        if verb == "EHLO":
            await self.ehlo()
        elif verb == "STARTTLS":
            await self.starttls()
        elif verb == "MAIL":
            self.sender = line.partition(":")[2].split(" ")[0]
            await self.say("250 2.1.0 Ok")
        elif verb == "RCPT" and self.behaviour == "reject":
            await self.say(self.argument + " " + self.argument[0] + ".7.1 refused")
        elif verb == "RCPT":
            self.recipient = line.partition(":")[2].split(" ")[0]
            await self.say("250 2.1.5 Ok")
        elif verb == "DATA":
            await self.data()
        elif verb == "QUIT":
            await self.say("221 2.0.0 Bye")
            return False
        else:
            await self.say("250 2.0.0 Ok")
        return True

    async def run(self):
        try:
            if await self.greet():
                while await self.turn():
                    pass
        except (OSError, EOFError, ssl.SSLError, ValueError):
            pass
        finally:
            try:
                self.writer.close()
            except OSError:
                pass


async def main(cert, key, maildir, *places):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    for place in places:
        address, _, behaviour = place.partition("=")
        await asyncio.start_server(
            lambda r, w, b=behaviour: Session(r, w, b, tls, maildir).run(), address, 25)
    await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
