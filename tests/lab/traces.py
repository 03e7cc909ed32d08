"""Checks of `mxprobe trace`: who stops a connection, from live facts alone."""
import json
import os

import jsonschema

from probe import expect, fault, run

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
    document = trace("hole.example", "gmail-like.example")
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


FAULTS = [
    ("trace: a lost SYN is lost behind the last router",
     ["drop6 hole"], names("path.lost", "suspected")),
    ("trace: a lost SYN over IPv4 leaves IPv6 sound",
     ["drop4 hole"], names("path.lost", "suspected", "ipv4")),
    ("trace: a reset is a closed port, and not a lost path",
     ["rst6 hole"], names("path.port-closed", "likely")),
    ("trace: a router that forbids is named by its own word",
     ["adm6 hole"], names("path.prohibited", "confirmed")),
    ("trace: a router without a route is not one that forbids",
     ["unreach6 hole"], names("path.unreachable", "confirmed")),
    ("trace: two destinations and a control port make a blocked port",
     ["drop6 hole", "drop6 gm " + OTHER_SOURCE], blocked),
    ("trace: one that answers in the name of two is told",
     ["intercept6 hole"], intercepted),
]
