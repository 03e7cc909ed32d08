#!/usr/bin/python3
"""syslog.py FILE HOSTNAME - /dev/log of one lab host, written to FILE."""
import os
import re
import socket
import sys

DATED = re.compile(r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d ")
log = open(sys.argv[1], "a", buffering=1)
if os.path.lexists("/dev/log"):
    os.unlink("/dev/log")
door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
door.bind("/dev/log")
os.chmod("/dev/log", 0o666)
while True:
    line = door.recv(65536).decode("utf-8", "replace").rstrip("\0\n")
    line = re.sub(r"^<\d+>", "", line)
    if DATED.match(line):
        line = line[:16] + sys.argv[2] + " " + line[16:]
    log.write(line + "\n")
