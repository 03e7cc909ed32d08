#!/usr/bin/python3
"""proxy_server.py - what a provider puts in the way of port 25: it answers in
its own name, whoever was meant, strips STARTTLS, and takes the mail."""
import asyncio

NAME = "proxy.provider.example"
REPLIES = {"EHLO": "250-" + NAME + "\r\n250 8BITMIME", "HELO": "250 " + NAME,
           "DATA": "354 go ahead", "QUIT": "221 2.0.0 Bye"}


async def message(reader):
    while True:
        line = await reader.readline()
        if not line or line == b".\r\n":
            return


async def session(reader, writer):
    def say(text):
        writer.write(text.encode() + b"\r\n")
    try:
        say("220 " + NAME + " ESMTP")
        while line := await reader.readline():
            verb = line[:4].decode("latin-1").upper().strip()
            say(REPLIES.get(verb, "250 2.0.0 Ok"))
            if verb == "DATA":
                await message(reader)
                say("250 2.0.0 Ok")
            if verb == "QUIT":
                break
    except (OSError, ValueError):
        pass
    finally:
        writer.close()


async def main():
    for address in "0.0.0.0", "::":
        await asyncio.start_server(session, address, 25)
    await asyncio.Event().wait()

asyncio.run(main())
