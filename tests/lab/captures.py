"""Deeds with captures: a walk, and what `mxprobe explain` makes of its packets."""
import datetime
import json
import os

from probe import expect, fault, parsed, run

LABROOT = os.environ["LABROOT"]
BIG = os.path.join(LABROOT, "probe-big.eml")
QUICK = ["--connect-timeout", "2", "--banner-timeout", "4", "--data-timeout", "6",
         "--pause", "50ms"]
TO_HOLE = ["-f", "probe@sender.example", "-t", "postmaster@hole.example", "--deliver",
           "--message", BIG]
CLOCKS_APART = 0.5              # seconds


def file_of(name):
    return os.path.join(LABROOT, "probe-capture-%s.pcapng" % name)


def walked(name, arguments, seconds=20):
    """What the walk told of its only target, by family; and its packets."""
    path = file_of(name)
    ran = run([*arguments, "--json", "--pcap", path], seconds=seconds)
    expect(ran.err == "", "on standard error: " + ran.err[:500])
    target, = parsed(ran.out)["targets"]
    return {visit["family"]: visit for visit in target["visits"]}, path


TRIAL = "MTU trial without mail"


def lines_of(path):
    """Sessions and deliveries that the file alone tells of."""
    ran = run(["explain", "--jsonl", path], seconds=10)
    expect(ran.err == "", "on standard error: " + ran.err[:500])
    expect(ran.status in (0, 1), "explain ended with status %d" % ran.status)
    lines = [json.loads(line) for line in ran.out.splitlines()]
    return [[line for line in lines if line["kind"] == kind]
            for kind in ("session", "delivery")]


def explained(path):
    """The same by family, without trials."""
    return [{line["family"]: line for line in lines if line.get("outcome") != TRIAL}
            for lines in lines_of(path)]


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


# ---- live and offline


def is_same(what, live, offline):
    expect(live == offline, "%s: live %r, from the packets %r" % (what, live, offline))


def compare_refusal(visit, delivery):
    """Stage, code, text, what it means, and when."""
    heard = [one for one in visit["transcript"] if one["event"] == "heard" and
             one["stage"] == delivery["stage"]]
    is_same("stage", visit["fault"]["stage"], delivery["stage"])
    reply = heard[-1]
    is_same("code", reply["code"], delivery["code"])
    is_same("text", "\n".join(reply["lines"]), delivery["text"])
    is_same("meaning", visit["meaning"] and visit["meaning"]["id"], delivery["codebook"])
    apart = (seconds_of(visit["started"]) + reply["us"] / 1e6 -
             seconds_of(delivery["time"]))
    expect(abs(apart) < CLOCKS_APART, "the times are %.3f s apart" % apart)


def compare(visit, session, delivery):
    is_same("server", visit["address"], session["server"]["address"])
    is_same("name", visit["host"], session["server_name"])
    is_same("TLS", visit["tls"] and (visit["tls"]["version"], visit["tls"]["cipher"]),
            session["tls"] and (session["tls"]["version"], session["tls"]["cipher"]))
    if delivery["result"] == "unknown":
        expect(visit["fault"] is None, "a fault that the packets do not show")
    elif delivery["result"] == "accepted":
        is_same("fault", visit["fault"], None)
        expect(visit["last_stage"] in ("dot", "quit"), "it was not sent")
    elif delivery["fault"]:
        is_same("stage", visit["fault"]["stage"], delivery["stage"])
        expect(not visit["fault"]["reply"], "a reply that the packets do not show")
    else:
        compare_refusal(visit, delivery)


def agrees(name, arguments, results, broken=None):
    """Each family's result; unknown: no message was sent."""
    def check():
        try:
            if broken:
                fault(broken, "hole")
            visits, path = walked(name, [*arguments, *QUICK])
        finally:
            if broken:
                fault("clear")
        sessions, deliveries = explained(path)
        for family, wanted in results.items():
            is_same(family, wanted, deliveries[family]["result"])
            compare(visits[family], sessions[family], deliveries[family])
    return check


# ---- the cause of a broken path, from the packets alone


def is_told_apart(name, cause, arguments):
    """The family that is broken has its cause, and the other one none."""
    def check():
        broken = "ipv" + name[-1]
        try:
            fault(name, "hole")
            _, path = walked(name, ["hole.example", *QUICK, *arguments], seconds=30)
        finally:
            fault("clear")
        sessions, deliveries = explained(path)
        for family, session in sessions.items():
            found = session["path"] and session["path"]["cause"]
            is_same(family, cause if family == broken else None, found)
        is_same("fault", cause, deliveries[broken]["fault"])
        is_same("result", "deferred", deliveries[broken]["result"])
        expect(str(deliveries[broken]["position"]) ==
               str(sessions[broken]["path"]["frame"]), "the frames are not the same")
    return check


def trial_is_no_attempt(name, arguments):
    """A trial's connections are told as what they are, and fail no delivery."""
    def check():
        broken = "ipv" + name[-1]
        try:
            fault(name, "hole")
            _, path = walked(name + "-trial", ["hole.example", *QUICK, *arguments],
                             seconds=30)
        finally:
            fault("clear")
        sessions, deliveries = lines_of(path)
        is_same("deliveries", [(broken, "deferred", "black-hole")],
                [(one["family"], one["result"], one["fault"]) for one in deliveries
                 if one["family"] == broken])
        trials = [one for one in sessions if one["outcome"] == TRIAL]
        is_same("families", [broken] * 2, [one["family"] for one in trials])
        is_same("causes", {None, "black-hole"},
                {one["path"] and one["path"]["cause"] for one in trials})
        expect(len(sessions) == 4, "%d sessions" % len(sessions))
        document = json.loads(run(["explain", "--json", path], seconds=10).out)
        is_same("findings", [("path.mtu-black-hole", broken)],
                [(one["id"], one["family"]) for one in document["findings"]])
    return check


def is_intercepted(name, stranger, confidence):
    """Whoever answers over one family is not who answers over the other."""
    def check():
        try:
            fault(name, "hole")
            _, path = walked(name, ["hole.example", *QUICK], seconds=30)
        finally:
            fault("clear")
        document = json.loads(run(["explain", "--json", path], seconds=10).out)
        found = [(one["id"], one["family"], one["confidence"])
                 for one in document["findings"]]
        is_same("findings", [("path.intercepted", "ipv" + name[-1], confidence)], found)
        reasons = " ".join(document["findings"][0]["for"])
        expect("it calls itself " + stranger in reasons, reasons)
    return check


DELIVER = ["gmail-like.example", "-f", "probe@sender.example", "-t",
           "postmaster@gmail-like.example", "--deliver"]
DEEDS = [
    ("packets and walk agree: refused inside TLS over IPv6, taken over IPv4",
     agrees("tls", DELIVER, {"ipv6": "refused", "ipv4": "accepted"})),
    ("packets and walk agree: refused at RCPT, in clear",
     agrees("clear", ["postmaster@rcpt.gmail-like.example", "-f", "probe@sender.example",
                      "--tls", "none"], {"ipv6": "refused", "ipv4": "unknown"})),
    ("packets and walk agree: SYNs that are lost over IPv6, taken over IPv4",
     agrees("lost", ["hole.example", *TO_HOLE],
            {"ipv6": "deferred", "ipv4": "accepted"}, broken="drop6")),
]
FAULTS = [
    (name, "packets alone tell the cause of %s" % name,
     is_told_apart(name, cause, more))
    for fault_name, cause, more in (("drop", "no-answer", []), ("rst", "refused", []),
                                    ("adm", "prohibited", []),
                                    ("unreach", "unreachable", []),
                                    ("ptbhole", "black-hole", TO_HOLE))
    for name in (fault_name + "6", fault_name + "4")
] + [
    ("ptbhole6", "packets of an MTU trial are no attempt to deliver: ptbhole6",
     trial_is_no_attempt("ptbhole6", TO_HOLE)),
] + [
    (name, "packets alone tell that another answers: %s" % name,
     is_intercepted(name, stranger, confidence))
    for name, stranger, confidence in (
        ("proxy6", "proxy.provider.example", "likely"),
        ("proxy4", "proxy.provider.example", "likely"),
        ("intercept6", "mx.gmail-like.example", "suspected"))
]
