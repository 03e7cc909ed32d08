#!/usr/bin/python3
"""archives.py: mxprobe explain of archives: zip and tar, packed or not.

BUILD says where the program is.  Prints TAP.
"""
import bz2
import gzip
import io
import json
import lzma
import os
import re
import resource
import shutil
import subprocess
import sys
import tarfile
import zipfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
MXPROBE = os.path.join(BUILD, "mxprobe")
WRITTEN = 1772967044  # the day after what is in the samples
MB = 1024 * 1024
sys.path.insert(0, os.path.join(ROOT, "tests"))
from tap import each, ended, told  # noqa: E402


def is_sanitized():
    with open(MXPROBE, "rb") as program:
        return b"__asan_init" in program.read()


def explain(*words, given=b"", memory=0):
    def limit():
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    return subprocess.run([MXPROBE, "explain", *words], input=given,
                          capture_output=True, timeout=120,
                          preexec_fn=limit if memory and BOUNDED else None,
                          env=dict(os.environ, COLUMNS="100"))


def shown(done):
    return (f"status {done.returncode}\n"
            + (done.stdout + done.stderr).decode("utf-8", "replace"))


def deliveries(*words, given=b""):
    """What was delivered, whatever the files are called."""
    found = [json.loads(line) for line in
             explain("--jsonl", *words, given=given).stdout.splitlines()]
    return sorted(re.sub(r'"file": "[^"]*"', "", json.dumps(one))
                  for one in found if one["kind"] == "delivery")


def put(name, octets):
    with open(name, "wb") as out:
        out.write(octets)
    return name


def sample(name):
    with open(os.path.join(HERE, name), "rb") as file:
        return file.read()


def members():
    """A case as somebody brings it: logs, one of them packed, bounces."""
    return {"case/mail.log": sample("postfix.log"),
            "case/" + "deep" * 30 + "/mail.log.1.gz":
                gzip.compress(sample("sendmail.log")),
            "case/bounce.eml": sample("postfix.eml"),
            "case/notes": b"\0\1\2\3" * 99}


def tar_of(files, form=tarfile.PAX_FORMAT, written=WRITTEN):
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=form) as archive:
        folder = tarfile.TarInfo("case")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, octets in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(octets), written
            archive.addfile(entry, io.BytesIO(octets))
    return held.getvalue()


def zip_of(files):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 8, 10, 50, 44)),
                             octets, zipfile.ZIP_DEFLATED)
    return held.getvalue()


# Its sanitizer asks for more memory than any limit that would tell a thing.
BOUNDED = not is_sanitized()


# ---- what they hold

def forms():
    files = members()
    for name, octets in files.items():
        os.makedirs(os.path.dirname(name), exist_ok=True)
        put(name, octets)
        os.utime(name, (WRITTEN, WRITTEN))
    wanted = deliveries("case")
    told(len(wanted) > 5 and "google.not-authorized" in "".join(wanted),
         "a folder is read", wanted)
    tar = tar_of(files)
    made = {"a.zip": zip_of(files), "a.tar": tar,
            "gnu.tar": tar_of(files, tarfile.GNU_FORMAT),
            "ustar.tar": tar_of(files, tarfile.USTAR_FORMAT),
            "no-end.tar": tar.rstrip(b"\0"),
            "a.tar.gz": gzip.compress(tar), "a.tar.bz2": bz2.compress(tar),
            "a.tar.xz": lzma.compress(tar)}
    if shutil.which("zstd"):
        made["a.tar.zst"] = subprocess.run(
            ["zstd", "-q", "-c"], input=tar, capture_output=True).stdout
    for name, octets in made.items():
        told(deliveries(put(name, octets)) == wanted,
             f"the same as {name}", shown(explain(name)))
    for name in "a.zip", "a.tar.gz":
        told(deliveries(given=made[name]) == wanted,
             f"the same as {name} on standard input",
             shown(explain(given=made[name])))
    done = explain("a.tar.gz")
    told(b"a.tar.gz: case/mail.log line" in done.stdout and
         b"one of the files" in done.stderr,
         "members are named, and one that is of no use is told", shown(done))


def many():
    bounce = sample("postfix.eml")
    files = {f"case/{i}.eml": bounce.replace(b"a2@", b"a%d@" % i)
             for i in range(700)}
    for name, octets in (("many.zip", zip_of(files)),
                         ("many.tar.gz", gzip.compress(tar_of(files)))):
        found = deliveries(put(name, octets))
        told(len(found) == 700, f"700 bounces are read from {name}",
             len(found))


def times():
    """A stamp names no year: the archive is of today, its member is not."""
    files = {"case/mail.log": sample("postfix.log")}
    for name, octets in (("old.tar", tar_of(files, written=WRITTEN)),
                         ("old.zip", zip_of(files))):
        found = "".join(deliveries(put(name, octets)))
        told('"time": "2026-03-07T10:51:04Z"' in found or
             "2026-03-07T10:51:04" in found,
             f"the time of the member tells the year in {name}", found)


# ---- what is wrong with them

def torn():
    tar = tar_of({**members(), "case/last": sample("exim.log") * 90})
    for name, octets in (
            ("torn.tar", tar[:-20000]),
            ("torn.tar.gz", gzip.compress(tar)[:-30])):
        done = explain(put(name, octets))
        told(done.returncode == 4 and
             b"google.not-authorized" in done.stdout and
             done.stderr.count(name.encode() + b": ") == 1,
             f"what is before the tear in {name} is read, and the tear told",
             shown(done))
    for name, octets in (("torn.zip", zip_of(members())[:-2500]),
                         ("head.tar", tar[:700]),
                         ("wrong.tar", tar[:5 * 512] + b"x" * 99999)):
        done = explain(put(name, octets))
        told(done.returncode == 4 and name.encode() in done.stderr,
             f"{name} is told", shown(done))


def links():
    """What a link in an archive points to is none of its files."""
    secret = os.path.abspath(put("secret.log", sample("postfix.log")))
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name, kind in (("s.log", tarfile.SYMTYPE),
                           ("h.log", tarfile.LNKTYPE),
                           ("d.log", tarfile.CHRTYPE),
                           ("p.log", tarfile.FIFOTYPE)):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, secret
            archive.addfile(entry)
    done = explain(put("links.tar", held.getvalue()))
    told(done.returncode == 4 and not done.stdout and
         b"nothing that is known here is in it" in done.stderr,
         "links and devices are not followed", shown(done))


def names():
    name = "case/\x1b]0;title\x07\u202e../../../../etc/\n.log"
    for archive, octets in (
            ("name.tar", tar_of({name: sample("postfix.log")})),
            ("name.zip", zip_of({name: sample("postfix.log")}))):
        done = explain(put(archive, octets))
        text = shown(done)
        told(done.returncode == 1 and "google.not-authorized" in text and
             not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", text),
             f"what a name in {archive} does to a screen is not done", text)


# ---- bombs

def bombs():
    zeros = b"\0" * (100 * MB)
    line = sample("postfix.log").splitlines(True)[0]
    same = line * (100 * MB // len(line))
    for name, octets, tears in (
            ("zeros.tar.gz", gzip.compress(tar_of({"a": zeros}), 9), True),
            ("zeros.tar.xz", lzma.compress(tar_of({"a": zeros}), preset=0),
             True),
            ("same.tar.gz", gzip.compress(tar_of({"a.log": same})), True),
            ("zeros.zip", zip_of({"a": zeros}), False),
            ("same.zip", zip_of({"a.log": same}), True)):
        done = explain(put(name, octets), memory=48 * MB)
        told(done.returncode == 4 and
             (b"unpacks to more than any report has" in done.stderr) == tears,
             f"{name}, {len(octets)} octets of 100 MB, is not unpacked",
             shown(done))
        os.unlink(name)


def large():
    """Not a bomb: it is read as it comes, and so is what is packed in it."""
    line = sample("postfix.log").splitlines(True)[0]
    log = b"".join(line.rstrip(b"\n") + b" " + os.urandom(30).hex().encode()
                   + b"\n" for _ in range(250000))
    tar = tar_of({"case/a.log": log, "case/b.log.gz": gzip.compress(log, 1),
                  "case/mail.log": sample("postfix.log")})
    put("large.tar", tar)
    put("large.tar.gz", gzip.compress(tar, 1))
    for name in "large.tar", "large.tar.gz":
        done = explain(name, memory=32 * MB)
        told(done.returncode == 1 and b"google.not-authorized" in done.stdout,
             f"{name}, of {len(tar) // MB} MB, is read in 32 MB", shown(done))
    done = explain(given=tar + tar)
    told(done.returncode == 4 and b"name its file" in done.stderr,
         "and from a pipe it is told that it is too large", shown(done))


def main():
    each(forms, many, times, torn, links, names, bombs, large)
    return ended()


sys.exit(main())
