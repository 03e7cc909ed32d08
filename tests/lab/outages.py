"""Checks of cases.py in which a path is gone for a moment only."""
import os
import subprocess
import threading
import time

from probe import SLOWNESS, Ran, command, expect, fault, is_sound, parsed, surroundings

BIG = os.path.join(os.environ["LABROOT"], "probe-big.eml")
# The message alone takes some seconds over a wire so slow.
SLOW = "rate hole 64kbit"
BEFORE_SECONDS, OUTAGE_SECONDS = 1.5, 0.5
ARGUMENTS = ["hole.example", "--json", "-f", "probe@sender.example", "-t",
             "postmaster@hole.example", "--deliver", "--message", BIG,
             "--mtu-trial", "never", "--pause", "50ms"]


def come_and_go(name):
    time.sleep(BEFORE_SECONDS * SLOWNESS)
    fault(name, "hole")
    time.sleep(OUTAGE_SECONDS)
    fault("clear")


def walked_during(name, family):
    """The visit of a walk in whose midst a fault comes and goes."""
    try:
        fault(*SLOW.split())
        child = subprocess.Popen(command("eg", [*ARGUMENTS, family]),
                                 env=surroundings(), stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        outage = threading.Thread(target=come_and_go, args=[name])
        outage.start()
        out, err = child.communicate(timeout=30 * SLOWNESS)
        outage.join()
    finally:
        fault("clear")
    is_sound(Ran(child.returncode, "", err.decode(), 0))
    visit, = [one for target in parsed(out.decode())["targets"]
              for one in target["visits"] if one["state"] == "walked"]
    return visit


def is_outlived(family):
    """RFC 1122 section 4.2.3.9: an ICMP error ends no connection that stands."""
    def check():
        visit = walked_during("unreach" + family[1:], family)
        expect(visit["fault"] is None, "it ends with %(fault)s" % visit)
    return check


DEEDS = [
    ("a path that is gone in mid-message for half a second ends no walk over IPv4",
     is_outlived("-4")),
    ("a path that is gone in mid-message for half a second ends no walk over IPv6",
     is_outlived("-6")),
]
