"""Peers that do one thing over and over, each a process of its own.

They take turns, as the clients of `bench` do, and are accounted in the same
way.  An area is a module with TITLE, GOALS ({(work, ours, theirs, "cpu" or
"rate"): [Goal]}) and loops(bench, build), which gives the list of Loop in the
order of their turns.  PEAKS ({(work, who): [Goal]}) bounds what is resident.
"""
import collections
import os
import statistics
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PACKAGES = "libuv openssl libcares libidn2 libpsl".split()
FLAGS = ("-std=c17 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -I" + ROOT).split()

Goal = collections.namedtuple("Goal", "name sign bound")
# The statuses are those of a run that did what was asked of it.
Loop = collections.namedtuple("Loop", "work peer count command statuses",
                              defaults=[(0,)])
Turn = collections.namedtuple("Turn", "cpu rate peak")


class Failed(Exception):
    """A run that cannot be counted; the text says why."""


def say(*words):
    print(*words, flush=True)


def spread(values, form):
    return " ".join(form % v for v in
                    (min(values), statistics.median(values), max(values)))


def judged(goals, value):
    words = []
    for goal in goals:
        is_reached = (value <= goal.bound if goal.sign == "<="
                      else value >= goal.bound)
        words.append("%s %s %g %s" % (goal.name, goal.sign, goal.bound,
                                      "reached" if is_reached else "MISSED"))
    return "; ".join(words)


class Build:
    """Compiles the bench's own programs; what cannot be built is told."""

    def __init__(self, folder, trouble):
        self.folder = folder
        self.trouble = trouble
        os.makedirs(folder, exist_ok=True)

    def binary(self, name):
        return os.path.join(self.folder, name)

    def is_stale(self, name, inputs):
        """Older than its source, our headers or a library that is a file."""
        inputs = [os.path.join(HERE, name + ".c")] + inputs
        inputs += [os.path.join(HERE, file) for file in os.listdir(HERE)
                   if file.endswith(".h")]
        made = self.binary(name)
        return (not os.path.exists(made) or
                any(os.path.getmtime(file) > os.path.getmtime(made)
                    for file in inputs if os.path.exists(file)))

    def compile(self, name, libraries, needs=""):
        """The binary's path, or None; `needs` says which package it wants."""
        if not self.is_stale(name, [word for word in libraries
                                    if word.endswith(".a")]):
            return self.binary(name)
        compiler = os.environ.get("CC", "cc").split()
        source = os.path.join(HERE, name + ".c")
        done = subprocess.run(
            compiler + FLAGS + ["-o", self.binary(name), source] + libraries,
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if done.returncode == 0:
            return self.binary(name)
        said = done.stderr.decode("latin-1").strip().splitlines()
        errors = [line for line in said if "error" in line] or said
        self.trouble("%s is left out%s: %s" % (
            name, " (package %s)" % needs if needs else "",
            errors[0] if errors else "it does not compile"))
        return None

    def mxprobe(self):
        """The program itself."""
        return os.environ.get("MXPROBE") or os.path.join(
            os.path.dirname(os.path.dirname(self.folder)), "mxprobe")

    @staticmethod
    def packaged(*names):
        """What the compiler is told of packages; [] when one is not here."""
        found = subprocess.run(("pkg-config", "--cflags", "--libs") + names,
                               stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
        return found.stdout.decode().split() if not found.returncode else []

    def project(self):
        """What a program that is made of mxprobe's own code is linked to."""
        library = os.path.join(os.path.dirname(os.path.dirname(self.folder)),
                               "libmxprobe.a")
        return [library] + self.packaged(*PACKAGES)


class Area:
    """All turns of one module's loops."""

    def __init__(self, bench, module):
        self.bench = bench
        self.module = module
        self.turns = collections.defaultdict(list)
        self.out = set()

    def take_turn(self, loop):
        try:
            wall, cpu, peak = self.bench.run(loop.command,
                                             statuses=loop.statuses)
        except (Failed, OSError) as error:
            self.bench.trouble("%s %s is left out: %s"
                               % (loop.work, loop.peer, error))
            self.out.add((loop.work, loop.peer))
            return
        self.turns[loop.work, loop.peer].append(Turn(
            cpu * 1e6 / loop.count, loop.count / wall, peak / 1024))

    def measure(self, loops, rounds):
        for _ in range(rounds):
            for loop in loops:
                if self.bench.is_late():
                    return
                if (loop.work, loop.peer) not in self.out:
                    self.take_turn(loop)

    def print_table(self):
        form = "%-14s %-14s %-26s %-26s %6s"
        say("\n" + self.module.TITLE + "\n")
        say(form % ("work", "who", "CPU us each", "a second", "MB"))
        for (work, peer), turns in self.turns.items():
            say(form % (work, peer,
                        spread([t.cpu for t in turns], "%.2f"),
                        spread([t.rate for t in turns], "%.0f"),
                        "%.1f" % max(t.peak for t in turns)))

    def print_ratios(self):
        for (work, ours, theirs, what), goals in self.module.GOALS.items():
            pairs = [(getattr(a, what), getattr(b, what)) for a, b in
                     zip(self.turns.get((work, ours), []),
                         self.turns.get((work, theirs), []))]
            if not pairs:
                continue
            ratios = [a / b for a, b in pairs]
            say("RATIO %-14s %-4s %-13s : %-11s  %s   %s" % (
                work, "CPU" if what == "cpu" else what, ours, theirs,
                spread(ratios, "%.3f"),
                judged(goals, statistics.median(ratios))))

    def print_peaks(self):
        for (work, peer), goals in getattr(self.module, "PEAKS", {}).items():
            peaks = [turn.peak for turn in self.turns.get((work, peer), [])]
            if peaks:
                say("RATIO %-14s peak %-13s  %.1f MB   %s" % (
                    work, peer, max(peaks), judged(goals, max(peaks))))


def run_area(bench, module, folder):
    area = Area(bench, module)
    build = Build(folder, bench.trouble)
    loops = module.loops(bench, build)
    area.measure(loops, 2 * bench.options.rounds - 1)   # they are short
    area.print_table()
    say("")
    area.print_ratios()
    area.print_peaks()
