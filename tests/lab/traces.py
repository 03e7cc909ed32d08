"""Checks of `mxprobe trace`: who stops a connection, from live facts alone."""
import json
import os
import signal
import subprocess
import time

import jsonschema

from probe import SLOWNESS, Ran, command, expect, fault, is_sound, run, surroundings

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS = 12
OTHER_SOURCE = "2001:db8:8::25"         # ew: others walk to gm meanwhile


def trace(*arguments, host="eg", seconds=SECONDS):
    with open(os.path.join(HERE, "../../reports/trace.schema.json")) as file:
        validator = jsonschema.Draft202012Validator(json.load(file))
    ran = run(["trace", "--json", *arguments], host=host, seconds=seconds)
    document = json.loads(ran.out)
    wrong = next(validator.iter_errors(document), None)
    expect(wrong is None, "against the schema: %s" % (wrong and wrong.message[:300]))
    expect(document["exit_status"] == ran.status, "the JSON tells another exit status")
    return document


def told(document):
    return [(one["id"], one["family"], one["confidence"]) for one in document["findings"]]


def names(cause, confidence, family="ipv6"):
    """One family is stopped, and the other one is sound."""
    def check():
        document = trace("hole.example")
        expect(told(document) == [(cause, family, confidence)], str(told(document)))
        for each, verdict in document["families"].items():
            expect(verdict == ("fail" if each == family else "pass"),
                   "%s is %s" % (each, verdict))
    return check


def during(faults, check):
    def checked():
        try:
            for one in faults:
                fault(*one.split())
            check()
        finally:
            fault("clear")
    return checked


def blocked():
    document = trace("hole.example", "gmail-like.example", host="ew",
                     seconds=2 * SECONDS)
    expect(told(document)[0] == ("path.port-blocked", "ipv6", "likely"), str(told(document)))
    expect(document["families"]["ipv4"] == "pass", str(document["families"]))
    expect(len(document["findings"][0]["for"]) == 4, "two hosts and a control port of each")


def intercepted():
    """One answers for two hosts, whose operators are not one."""
    document = trace("hole.example", "gmail-like.example")
    expect(told(document) == [("path.intercepted", "ipv6", "confirmed")],
           str(told(document)))
    reasons = " ".join(document["findings"][0]["for"])
    for one in ("it rewrites addresses", "it calls itself mx.gmail-like.example",
                "both say"):
        expect(one in reasons, reasons)


def diverted(family):
    """Of one target alone; the other family and the control port tell."""
    def check():
        document = trace("hole.example")
        expect(told(document) == [("path.intercepted", family, "confirmed")],
               str(told(document)))
        for each, verdict in document["families"].items():
            expect(verdict == ("fail" if each == family else "pass"),
                   "%s is %s" % (each, verdict))
        reasons = " ".join(document["findings"][0]["for"])
        for one in ("port 587 answers RST, at hop 2",
                    "it calls itself proxy.provider.example"):
            expect(one in reasons, reasons)
    return check


def diverted_alone():
    """Of one family alone only the control port tells, where it is asked."""
    document = trace("hole.example", "-6")
    expect(told(document) == [], str(told(document)))
    document = trace("hole.example", "-6", "--control-port", "587")
    expect(told(document) == [("path.intercepted", "ipv6", "likely")], str(told(document)))


def sound():
    document = trace("exim.example", "gmail-like.example")
    expect(told(document) == [], str(told(document)))
    expect(document["families"] == {"ipv4": "pass", "ipv6": "pass"},
           str(document["families"]))


def undecided():
    for domain, failure in (("nothing-here.example", "dns_nxdomain"),
                            ("nullmx.example", "dns_null_mx")):
        target, = trace(domain)["targets"]
        expect(target["fault"] and target["fault"]["failure"] == failure,
               "%s: %s" % (domain, target["fault"]))


def silent_names():
    for arguments in ("deadns.example",), ("exim.example", "--dns", "192.0.2.1"):
        target, = trace(*arguments, seconds=40)["targets"]
        expect(target["fault"]["failure"] in ("dns_timeout", "dns_unreachable",
                                              "dns_servfail"), str(target["fault"]))
        expect(target["traces"] == [], "a trace without an address")


def one_family():
    for host, there, lacks in ("e4", "ipv4", "ipv6"), ("e6", "ipv6", "ipv4"):
        document = trace("exim.example", host=host)
        expect(document["families"] == {there: "pass", lacks: "n/a"}, str(document))
        expect(document["exit_status"] == 0, "exit status %s" % document["exit_status"])


def interrupted():
    """In the silence behind a dropped SYN, which would last for seconds."""
    child = subprocess.Popen(
        command("eg", ["trace", "--json", "hole.example", "--wait", str(3 * SLOWNESS)]),
        env=surroundings(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    time.sleep(1.5 * SLOWNESS)
    began = time.monotonic()
    child.send_signal(signal.SIGINT)
    try:
        out, err = child.communicate(timeout=10 * SLOWNESS)
    finally:
        child.kill()
    seconds = time.monotonic() - began
    is_sound(Ran(child.returncode, "", err.decode(), seconds))
    expect(seconds <= 2 * SLOWNESS, "it went on for %.1f s" % seconds)
    document = json.loads(out)
    ends = {one["family"]: one["end"] for one in document["targets"][0]["traces"]}
    expect(ends == {"ipv4": "open", "ipv6": "interrupted"}, str(ends))
    expect(document["families"]["ipv6"] == "unknown", str(document["families"]))


FAULTS = [
    ("trace: a lost SYN is lost behind the last router",
     ["drop6 hole"], names("path.lost", "suspected")),
    ("trace: a lost SYN over IPv4 leaves IPv6 sound",
     ["drop4 hole"], names("path.lost", "suspected", "ipv4")),
    ("trace: a reset is a closed port, and not a lost path",
     ["rst6 hole"], names("path.port-closed", "likely")),
    ("trace: a reset over IPv4 leaves IPv6 sound",
     ["rst4 hole"], names("path.port-closed", "likely", "ipv4")),
    ("trace: a router that forbids is named by its own word",
     ["adm6 hole"], names("path.prohibited", "confirmed")),
    ("trace: one that forbids IPv4 leaves IPv6 sound",
     ["adm4 hole"], names("path.prohibited", "confirmed", "ipv4")),
    ("trace: a router without a route is not one that forbids",
     ["unreach6 hole"], names("path.unreachable", "confirmed")),
    ("trace: two destinations and a control port make a blocked port",
     ["drop6 hole", "drop6 gm " + OTHER_SOURCE], blocked),
    ("trace: one that answers in the name of two is told",
     ["intercept6 hole"], intercepted),
    ("trace: a router that answers itself is told from one target",
     ["proxy6 hole"], diverted("ipv6")),
    ("trace: the same over IPv4", ["proxy4 hole"], diverted("ipv4")),
    ("trace: Ctrl-C ends it at once with what is known", ["drop6 hole"], interrupted),
    ("trace: over one family alone the control port tells",
     ["proxy6 hole"], diverted_alone),
]
