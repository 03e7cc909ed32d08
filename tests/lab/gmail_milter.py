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
import random
import sys
import textwrap

import milter

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


class Client(milter.Client):
    """Who speaks, and what is held against the message until its end."""
    address, is_v6, is_known, held = "", False, False, None

    def connect(self, host, address):
        self.address, self.is_v6 = address, ":" in address
        # When reverse and forward DNS disagree, the name is "[address]".
        self.is_known = not host.startswith(b"[") and host != b"unknown"

    def begin(self):
        self.held = None

    def judge(self, domain):
        if domain == "ok.gmail-like.example":
            return None
        if domain == "ptr.gmail-like.example":
            return None if self.is_known else NOPTR
        if domain == "auth.gmail-like.example":
            return IPV6AUTH if self.is_v6 and not self.is_known else None
        return NOTAUTH if self.is_v6 else None

    def recipient(self, address):
        domain = address.rpartition("@")[2]
        text = self.judge(domain)
        if text and domain.startswith("rcpt."):
            return refusal(text, self.address)
        self.held = text or self.held
        return None

    def end(self):
        held, self.held = self.held, None
        return refusal(held, self.address) if held else None


milter.serve(sys.argv[1], Client)
