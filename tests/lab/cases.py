"""What mxprobe must tell of each destination, path and fault of the lab.

A case is a sentence, a command line, and what is wanted of it.  `fault6` is
"FAILURE STAGE" of the IPv6 walk, `fault` the failure of a target without any
path, `cause` the finding that the verdict names, `confidence` how sure that is,
`fix` what it says to do; a value of None says that there is none.  A case that
brings a signed message to policy.example has to say `is_signed`.  The lab is
described in README.md; the checks that are more than one command line are in
deeds.py and outages.py, those with packets in packets.py and captures.py.
"""
import os

import captures
import deeds
import outages
import packets
import traces

FROM = "-f probe@sender.example"
QUICK = ("--pause 50ms --banner-timeout 2 --command-timeout 2 --tls-timeout 2 "
         "--data-timeout 2 --connect-timeout 2")
BIG = os.path.join(os.environ["LABROOT"], "probe-big.eml")
FROM_OTHER = os.path.join(os.environ["LABROOT"], "probe-v4spf.eml")
DKIM_KEY = os.path.join(os.environ["LABROOT"], "ca", "dkim.private")
FORM = os.path.join(os.environ["LABROOT"], "probe-form.eml")
FORM_REMEDIED = os.path.join(os.environ["LABROOT"], "probe-form-remedied.eml")
REFUSED_OVER_6 = dict(status=1, verdict="fail", ipv4="pass", ipv6="fail", fault4=None,
                      comparison="family-specific", worse="ipv6")
REFUSED_OVER_4 = dict(status=1, verdict="fail", ipv4="fail", ipv6="pass",
                      comparison="family-specific", worse="ipv4")
REFUSED = dict(status=1, verdict="fail", ipv4="fail", ipv6="fail", comparison="same",
               parted=None, worse=None)
SAME = dict(status=0, verdict="pass", ipv4="pass", ipv6="pass", fault4=None,
            fault6=None, comparison="same", parted=None, worse=None)
NO_PATH = dict(status=1, verdict="fail", ipv4="fail", ipv6="fail",
               comparison="inconclusive", seconds=3)
UNDECIDED = dict(status=4, verdict="unknown", ipv4="unknown", ipv6="unknown",
                 comparison="inconclusive", findings=["dns.unanswered"])

CASES = []


class Case:
    def __init__(self, sentence):
        self.sentence, self.name, self.on, self.arguments = sentence, None, "eg", []
        self.status, self.wanted, self.findings, self.absent = 0, {}, [], []
        self.faults, self.seconds, self.then, self.check = [], 10, None, None
        self.is_long, self.remark, self.lacks_in_user_mode = False, "", ""
        self.is_signed = False
        CASES.append(self)


def case(name, sentence, line, **wanted):
    """Without a name there is no golden text: the screen varies, or is long."""
    one = Case(sentence)
    one.name, one.arguments = name, line.split()
    if "--pause" not in one.arguments:
        one.arguments += ["--pause", "50ms"]
    for word in ("on", "status", "findings", "absent", "faults", "seconds", "then",
                 "is_long", "is_signed", "lacks_in_user_mode"):
        if word in wanted:
            setattr(one, word, wanted.pop(word))
    one.wanted = wanted


def deed(sentence, check, is_long=False, is_signed=False):
    one = Case(sentence)
    one.check, one.is_long = lambda: setattr(one, "remark", check() or ""), is_long
    one.is_signed = is_signed


def delivery(domain, more=""):
    return "%s -t postmaster@%s --deliver %s %s" % (
        domain, domain, more, "" if "-f " in more else FROM)


def write_messages():
    with open(BIG, "w") as message:
        message.write("From: probe@sender.example\nTo: postmaster@hole.example\n"
                      "Subject: more than one segment\n\n" +
                      "a line of a message that is long enough to stall\n" * 600)
    with open(FROM_OTHER, "w") as message:
        message.write("From: a@v4spf.example\nTo: postmaster@policy.example\n"
                      "Subject: not signed\nDate: Sat, 21 Nov 2026 21:13:05 +0000\n"
                      "Message-ID: <1@v4spf.example>\n\nhello\n")
    for name, author in ((FORM, "From: visitor@visitor.example\n"),
                         (FORM_REMEDIED, "From: form@sender.example\n"
                                         "Reply-To: visitor@visitor.example\n")):
        with open(name, "w") as message:
            message.write(author + "To: postmaster@policy.example\n"
                          "Subject: from the form on our web site\n"
                          "Date: Sat, 21 Nov 2026 21:13:05 +0000\n"
                          "Message-ID: <form@sender.example>\n\nWhen do you open?\n")


write_messages()

# ---- refused for what we are: Gmail

case("demo", "the demo: refused over IPv6 after the message, delivered once over IPv4",
     delivery("gmail-like.example", "--ehlo eg.sender.example"), parted="dot",
     fault6="smtp_5xx dot", meaning4=None, meaning6="google.not-authorized",
     findings=["google.not-authorized"], absent=["google.no-ptr", "source.no-ptr"],
     then=deeds.is_delivered_once, **REFUSED_OVER_6)
case("demo-6", "-6 behind the target walks IPv6 alone",
     delivery("gmail-like.example") + " -6", status=1, verdict="fail", ipv4=None,
     ipv6="fail", fault6="smtp_5xx dot", meaning6="google.not-authorized")
case("demo-4", "-4 behind the target walks IPv4 alone, and all is well",
     delivery("gmail-like.example") + " -4", verdict="pass", ipv4="pass", ipv6=None,
     fault4=None)
case(None, "in one go or one by one, the outcome is the same",
     delivery("gmail-like.example", "--pipelining"), parted="dot",
     fault6="smtp_5xx dot", meaning6="google.not-authorized",
     then=deeds.is_delivered_once, **REFUSED_OVER_6)
case(None, "a refusal at RCPT in one go with MAIL and QUIT",
     "postmaster@rcpt.gmail-like.example --pipelining " + FROM, parted="rcpt",
     fault6="smtp_5xx rcpt", meaning6="google.not-authorized", **REFUSED_OVER_6)
case("rcpt", "a refusal at RCPT needs no message",
     "postmaster@rcpt.gmail-like.example " + FROM, parted="rcpt",
     fault6="smtp_5xx rcpt", meaning6="google.not-authorized", **REFUSED_OVER_6)
case("ipv6-auth", "without FCrDNS over IPv6 Gmail's guidelines refuse, and we agree",
     delivery("auth.gmail-like.example", "--source6 2001:db8:1::26"), parted="dot",
     fault6="smtp_5xx dot", meaning6="google.ipv6-guidelines",
     findings=["google.ipv6-guidelines", "source.no-ptr"], **REFUSED_OVER_6)
case("ipv6-auth-sound", "with FCrDNS the same destination takes both",
     delivery("auth.gmail-like.example"), absent=["source.no-ptr"], **SAME)
case("no-ptr-4", "an IPv4 source without PTR is refused, the other family is not",
     delivery("ptr.gmail-like.example", "--source4 192.0.2.28"), status=1,
     verdict="fail", ipv4="fail", ipv6="pass", fault4="smtp_5xx dot", fault6=None,
     comparison="family-specific", parted="dot", worse="ipv4",
     meaning4="google.no-ptr", findings=["google.no-ptr", "source.no-ptr"])
case("ptr-mismatch-6", "an IPv6 source whose PTR leads elsewhere is refused",
     delivery("ptr.gmail-like.example", "--source6 2001:db8:1::27"), parted="dot",
     fault6="smtp_5xx dot", meaning6="google.no-ptr",
     findings=["google.no-ptr", "source.ptr-mismatch"], **REFUSED_OVER_6)
case("exim", "Exim's refusal in Gmail's words is told as Gmail's",
     delivery("notauth.exim.example"), parted="dot", fault6="smtp_5xx dot",
     meaning6="google.not-authorized", **REFUSED_OVER_6)

# ---- refused for policy

case("no-ptr-6", "no reverse name over IPv6 only: put off there, taken over IPv4",
     delivery("policy.example", "--source4 192.0.2.25 --source6 2001:db8:1::26"),
     parted="rcpt", fault6="smtp_4xx rcpt", findings=["source.no-ptr"],
     meaning6="any.no-reverse-name-deferred",
     cause="any.no-reverse-name-deferred", confidence="confirmed", **REFUSED_OVER_6)
case("ptr-none-6", "a host whose IPv6 address alone has no PTR is put off there",
     delivery("policy.example", "-f a@noptr6.example --ehlo en.noptr6.example"),
     on="en", parted="rcpt", fault6="smtp_4xx rcpt", findings=["source.no-ptr"],
     meaning6="any.no-reverse-name-deferred",
     cause="any.no-reverse-name-deferred", confidence="confirmed", **REFUSED_OVER_6)
case("ptr-wrong-6", "a PTR whose name has no AAAA is put off over IPv6",
     delivery("ptr.policy.example", "-f a@badptr6.example --ehlo ew.badptr6.example"),
     on="ew", parted="rcpt", fault6="smtp_4xx rcpt", findings=["source.ptr-mismatch"],
     meaning6="any.name-mismatch-deferred",
     cause="any.name-mismatch-deferred", confidence="confirmed", **REFUSED_OVER_6)
case("ptr-sound", "with a PTR that leads back both are taken",
     delivery("ptr.policy.example"), **SAME)
case("policy", "a sound sender is taken over both families",
     delivery("policy.example"), **SAME)
case("spf-6", "SPF that covers IPv4 only is refused over IPv6",
     delivery("policy.example", "-f a@v4spf.example"), parted="rcpt",
     fault6="smtp_5xx rcpt", meaning6="any.spf-fail",
     cause="any.spf-fail", confidence="confirmed", fix="add ip6:2001:db8:1::25; the record of v4spf.example is then: "
     "v=spf1 ip6:2001:db8:1::25 ip4:192.0.2.25 -all", **REFUSED_OVER_6)
case("spf-void", "SPF with too many void look-ups over IPv6 is refused there",
     delivery("policy.example", "-f a@spfvoid6.example"), parted="rcpt",
     fault6="smtp_5xx rcpt", meaning6="any.spf-error",
     cause="any.spf-error", confidence="confirmed",
     then=deeds.blames("AAAA", "h3.spfvoid6.example"), **REFUSED_OVER_6)
case("spf-two", "two SPF records are refused over both families alike",
     delivery("policy.example", "-f a@spftwo.example"), fault4="smtp_5xx rcpt",
     fault6="smtp_5xx rcpt", meaning4="any.spf-error", meaning6="any.spf-error",
     cause="any.spf-error", confidence="confirmed",
     fix="publish one in their place: v=spf1 ip4:192.0.2.25 ip6:2001:db8:1::25 -all",
     **REFUSED)
case("dmarc", "an unaligned message is refused by DMARC, over both families alike",
     delivery("policy.example", "--message " + FROM_OTHER), fault4="smtp_5xx dot",
     fault6="smtp_5xx dot", meaning4="any.dmarc", meaning6="any.dmarc",
     cause="any.dmarc", confidence="confirmed", **REFUSED)
case("web-form", "a form that writes as its visitor is refused by the visitor's DMARC",
     delivery("policy.example", "--message " + FORM), fault4="smtp_5xx dot",
     fault6="smtp_5xx dot", meaning4="any.dmarc", meaning6="any.dmarc",
     cause="any.dmarc", confidence="confirmed",
     then=deeds.blames("Reply-To", "visitor.example"), **REFUSED)
case("web-form-remedied", "a form that writes as itself, Reply-To the visitor, is taken",
     delivery("policy.example", "--message " + FORM_REMEDIED), **SAME)
case("signed", "what --dkim-key signs for the From domain is taken",
     delivery("policy.example", "--message %s --dkim-key %s --dkim-selector lab "
              "--dkim-domain v4spf.example" % (FROM_OTHER, DKIM_KEY)),
     is_signed=True, then=deeds.identity("pass", "pass"), **SAME)
case("signed-wrong", "a key that is not published is told beside the receiver's refusal",
     delivery("policy.example", "--message %s --dkim-key %s --dkim-selector other "
              "--dkim-domain v4spf.example" % (FROM_OTHER, DKIM_KEY)),
     is_signed=True, fault4="smtp_5xx dot", fault6="smtp_5xx dot", meaning4="any.dmarc",
     meaning6="any.dmarc", findings=["sender.dkim"], cause="any.dmarc",
     confidence="confirmed", **REFUSED)
deed("a forwarder that leaves a message alone leaves its signature whole",
     deeds.forwarded, is_signed=True)
deed("a forwarder that rewraps breaks the signature: refused over both families",
     deeds.rewrapped, is_signed=True)
deed("what the forwarder rewrapped is refused from its own host alike, for DKIM",
     deeds.rewrapped_again, is_signed=True)
deed("preflight finds the rewrap in what arrived", deeds.rewrap_is_named, is_signed=True)
deed("greylisting is undecided at first, and well after its pause", deeds.greylisting)

# ---- isolation

TOWARDS = "-t postmaster@policy.example --ehlo eg.sender.example --isolate"
case("isolate-spf", "isolation: SPF without ip6 is the family's, and the sender's",
     "policy.example -f a@v4spf.example " + TOWARDS, parted="rcpt", fault6="smtp_5xx rcpt",
     cause="any.spf-fail", then=deeds.isolated(["family", "mail-from"], "any.spf-fail"),
     **REFUSED_OVER_6)
case("isolate-ptr", "isolation: a PTR that is missing over IPv6 is the family's",
     delivery("auth.gmail-like.example", "--ehlo en.noptr6.example --isolate"), on="en",
     parted="dot", fault6="smtp_5xx dot",
     then=deeds.isolated(["family"], "source.no-ptr"), **REFUSED_OVER_6)
case("isolate-source", "isolation: of two IPv6 sources, the one without a PTR is blamed",
     delivery("auth.gmail-like.example",
              "--source6 2001:db8:1::28 --ehlo eg.sender.example --isolate"),
     parted="dot", fault6="smtp_5xx dot",
     then=deeds.isolated(["source"], "source.no-ptr"), **REFUSED_OVER_6)
case("isolate-ehlo", "isolation: an EHLO name without a dot is blamed, and no family",
     "policy.example %s -t postmaster@policy.example --ehlo visitor --isolate" % FROM,
     fault4="smtp_5xx rcpt", fault6="smtp_5xx rcpt", cause="any.helo",
     then=deeds.isolated(["ehlo"], "any.helo"), **REFUSED)
case("isolate-mx", "isolation: the one of two exchangers that refuses to listen is blamed",
     "multimx.example --ehlo eg.sender.example --isolate", faults=["rst4 bad", "rst6 bad"],
     fault4="connection_refused connect", fault6="connection_refused connect",
     then=deeds.isolated(["mx"], "family.refused"), **REFUSED)
case("isolate-certificate", "isolation: an expired certificate of one listener is found",
     "expired6.example --tls secure --ehlo eg.sender.example --isolate", parted="tls",
     fault6="tls_verify tls", then=deeds.isolated(["family", "tls"], "tls.expired"),
     **REFUSED_OVER_6)
deed("isolation: a scenario's other path shows which source is refused",
     deeds.isolating_scenario)

deed("a scenario walks both families and holds each against what it expects", deeds.scenario)
deed("what --print-scenario writes is walked by run", deeds.printed_scenario)
deed("the bundled Gmail scenario finds what is refused over IPv6, live", deeds.gmail_live)
deed("its rejection is known before the date that it is known until",
     deeds.gmail_known("2027-01-30T23:59:59Z", "postmaster@gmail-like.example", 0, "known"))
deed("it is red again from that date on",
     deeds.gmail_known("2027-01-31T00:00:00Z", "postmaster@gmail-like.example", 1, "fail"))
deed("the bundled manners scenario finds that this Exim lets early talkers in", deeds.bad_manners)
deed("it is fixed once the message is taken",
     deeds.gmail_known("2027-01-30T23:59:59Z", "postmaster@ok.gmail-like.example", 0, "fixed"))

# ---- the DNS

case("ipv4-only", "a domain without AAAA is walked over IPv4, IPv6 is n/a",
     "yahoojp-like.example", status=0, verdict="pass", ipv4="pass", ipv6="n/a",
     comparison="inconclusive")
case("ipv6-only", "a domain without A is walked over IPv6, IPv4 is n/a",
     "v6only.example", status=0, verdict="pass", ipv4="n/a", ipv6="pass",
     comparison="inconclusive")
case("nullmx", "a null MX is a refusal", "nullmx.example", fault="dns_null_mx",
     findings=["domain.null-mx"], **NO_PATH)
case("mx-literal", "an address for an MX is of no use", "ipmx.example",
     fault="dns_bad_mx", findings=["domain.mx-literal"], absent=["domain.mx-nowhere"],
     **NO_PATH)
case("mx-cname", "an alias for an MX is walked, with a warning", "cnamemx.example",
     status=0, verdict="warn", ipv4="pass", ipv6="pass", comparison="same",
     findings=["domain.mx-cname"])
case("mx-loopback", "an MX on loopback is of no use", "mxlocal.example",
     fault="dns_bad_mx", findings=["domain.mx-loopback"], absent=["domain.mx-nowhere"],
     **NO_PATH)
case("mx-private", "an MX in private space is tried, and told", "mxprivate.example",
     status=1, verdict="fail", ipv4="fail", ipv6="fail", comparison="same",
     fault4="network_unreachable connect", fault6="network_unreachable connect",
     findings=["domain.mx-private"], cause="family.unreachable",
     fix="tell the domain's postmaster to publish an address that the Internet "
         "reaches: this one is private")
case("mx-nowhere", "an MX that does not exist is a failure", "mxnx.example",
     fault="dns_bad_mx", findings=["domain.mx-nowhere"], **NO_PATH)
case("implicit-mx", "a domain without MX is its own exchanger", "implicit.example",
     absent=["domain.mx-nowhere"], **SAME)
case("multi-mx", "of two exchangers the better one is walked", "multimx.example",
     then=deeds.walks(2), **SAME)
case("multi-mx-all", "--mx all walks both exchangers", "multimx.example --mx all",
     then=deeds.walks(4), **SAME)
case("nxdomain", "a domain that does not exist is a failure", "nothing-here.example",
     fault="dns_nxdomain", findings=["domain.no-such-domain"], **NO_PATH)
case("servfail", "lame name servers decide nothing", "lame.example",
     fault="dns_servfail", **UNDECIDED)
case("bogus", "bad DNSSEC decides nothing, and says why", "bogus.example",
     fault="dns_servfail", then=deeds.says_why("DNSKEY Missing"), **UNDECIDED)
case("refused", "a name server that refuses decides nothing", "refused.example",
     fault="dns_refused", **UNDECIDED)
case("deadns", "name servers that are silent end by themselves", "deadns.example",
     fault="dns_timeout", seconds=12, is_long=True, **UNDECIDED)
case("dead-resolver", "a resolver that is silent ends by itself",
     "gmail-like.example --dns 203.0.113.99", fault="dns_timeout", seconds=12,
     is_long=True, **UNDECIDED)
case("idn", "an IDN is shown in both its forms", "bücher.example",
     then=deeds.is_called("xn--bcher-kva.example", "bücher.example"), **SAME)
case("insecure", "an unsigned domain is walked, and not called secure",
     "insecure.example", then=deeds.is_secure(False), **SAME)
case(None, "a signed domain is called secure", "gmail-like.example",
     then=deeds.is_secure(True), **SAME)

# ---- TLS

case("no-tls", "no STARTTLS over IPv6 is said, and goes on in clear",
     "notls.bad.example", findings=["tls.one-family"], **SAME)
case("no-tls-encrypt", "--tls encrypt does not go on in clear",
     "notls.bad.example --tls encrypt", parted="starttls",
     fault6="tls_not_offered starttls", findings=["tls.not-offered"],
     absent=["tls.one-family"],
     **REFUSED_OVER_6)
case("opensmtpd", "OpenSMTPD's alert over IPv6 is a failed handshake",
     "opensmtpd.example", parted="tls", fault6="tls_handshake tls",
     findings=["tls.handshake"], lacks_in_user_mode="OpenSMTPD", **REFUSED_OVER_6)
case("expired-6", "a certificate that expired on the IPv6 listener is told",
     "expired6.example", findings=["tls.expired"], **SAME)
case("expired-6-secure", "--tls secure goes no further there, and does over IPv4",
     "expired6.example --tls secure", parted="tls", fault6="tls_verify tls",
     cause="tls.expired", confidence="confirmed", **REFUSED_OVER_6)
case("dane", "--tls dane is content with a certificate that its TLSA record fits",
     "gmail-like.example --tls dane", then=deeds.dane("binding", "matches"), **SAME)
case(None, "an alias for an MX has its TLSA record where it leads",
     "cnamemx.example --tls dane", then=deeds.dane("binding", "matches"),
     **{**SAME, "verdict": "warn"})
case("dane-rolled", "a TLSA record of the key before is told, and mail goes on",
     "danerolled.example", findings=["dane.rolled-over"],
     then=deeds.dane("binding", "no-match"), **SAME)
case("dane-rolled-dane", "--tls dane goes no further there, over either family",
     "danerolled.example --tls dane", status=1, verdict="fail", ipv4="fail", ipv6="fail",
     fault4="tls_dane tls", fault6="tls_dane tls", comparison="same", parted=None,
     worse=None, cause="dane.rolled-over")
case("dane-rolled-6", "a listener that still has the old key fails over IPv6 alone",
     "danerolled6.example --tls dane", parted="tls", fault6="tls_dane tls",
     cause="dane.rolled-over", **REFUSED_OVER_6)
case(None, "a TLSA record of a key that nobody has is told", "danebad.example",
     findings=["dane.rolled-over"], then=deeds.dane("binding", "no-match"), **SAME)
case(None, "--tls dane does not go on in clear where there is a TLSA record",
     "opensmtpd.example --tls dane -4", status=1, verdict="fail", ipv4="fail", ipv6=None,
     fault4="tls_not_offered starttls", findings=["dane.no-tls"],
     lacks_in_user_mode="OpenSMTPD")
case(None, "--tls dane is as may where there is none",
     "notls.bad.example --tls dane", then=deeds.dane("none"), **SAME)
case(None, "--tls dane is as may in an unsigned domain, too",
     "insecure.example --tls dane", then=deeds.dane("none"), **SAME)
case("dane-no-ad", "a resolver far away is not believed: its TLSA records bind nobody",
     "gmail-like.example --tls dane --dns 203.0.113.54", findings=["dane.unsigned"],
     then=deeds.dane("insecure"), **SAME)
case(None, "--trust-ad believes it",
     "gmail-like.example --tls dane --dns 203.0.113.54 --trust-ad",
     absent=["dane.unsigned"], then=deeds.dane("binding", "matches"), **SAME)
case("sts-not-listed", "--tls secure goes to no exchanger that MTA-STS does not list",
     "stsbad.example --tls secure", status=1, verdict="fail", ipv4="fail", ipv6="fail",
     fault4="tls_mta_sts tls", fault6="tls_mta_sts tls", comparison="same", parted=None,
     worse=None, cause="mta-sts.not-listed")
case(None, "--tls secure goes to one that it lists", "gmail-like.example --tls secure",
     absent=["mta-sts.not-listed"], **SAME)
case("tls454", "454 to STARTTLS goes on in clear, and is shown",
     "tls454.bad.example", findings=["tls.one-family"], **SAME)

# ---- servers that misbehave over IPv6


def bad(name, told, stage, meaning=None, finding=None, golden=True, more="",
        **wanted):
    domain = name + ".bad.example"
    case("bad-" + name if golden else None, "%s: %s at %s" % (domain, told, stage),
         delivery(domain, QUICK) + more, parted=stage, fault6=told + " " + stage,
         meaning6=meaning, findings=[finding] if finding else [], **wanted,
         **REFUSED_OVER_6)


bad("mute", "timeout", "banner", finding="server.silent")
bad("tarpit", "timeout", "banner", finding="server.silent")
bad("slow", "timeout", "ehlo", finding="server.silent", golden=False,
    more=" --command-timeout 2500ms")   # of a reply that takes 5 s
bad("b554", "smtp_5xx", "banner", finding="reply.unknown")
bad("b421", "smtp_4xx", "banner", meaning="any.too-many-connections")
bad("closebanner", "smtp_closed", "banner", finding="server.closed")
bad("rstbanner", "connection_reset", "banner", finding="server.closed")
bad("garbage", "smtp_syntax", "banner", finding="server.syntax")
bad("tlshang", "timeout", "tls", finding="server.silent",
    absent=["path.mtu-black-hole"], seconds=20)
bad("tlsclose", "tls_handshake", "tls", finding="tls.handshake")
bad("dataclose", "smtp_closed", "dot", finding="server.closed")
bad("datahang", "timeout", "dot", finding="server.silent")
bad("r452", "smtp_4xx", "rcpt", finding="reply.unknown")
bad("r550", "smtp_5xx", "rcpt", finding="reply.unknown")
case("bad-multi", "multi.bad.example: an EHLO of 205 lines is heard out",
     delivery("multi.bad.example", QUICK), then=deeds.has_keywords(204), **SAME)
case("tarpit", "a banner that is late is waited for",
     "tarpit.exim.example", seconds=25, is_long=True, **SAME)
case("tarpit-impatient", "--banner-timeout 3 does not wait for it",
     "tarpit.exim.example --banner-timeout 3", parted="banner",
     fault6="timeout banner", findings=["server.silent"], **REFUSED_OVER_6)

# ---- faults of the path


def broken(kind, sentence, more="", name=True, **wanted):
    case(kind.replace(" ", "-") if name else None, sentence, "hole.example " + more,
         **{"faults": [kind.split()[0] + " hole " + "".join(kind.split()[1:])],
            **wanted})


DIVERTED = dict(findings=["path.intercepted"], fault4=None, fault6=None, status=0,
                verdict="pass")
broken("intercept6", "a path that leads to another server is told by its names",
       "", name=False, **DIVERTED)
broken("proxy6", "a proxy on the way is told by its name and what it lacks", **DIVERTED)
broken("proxy4", "the same over IPv4", "", name=False, **DIVERTED)

BIG_MAIL = "-t postmaster@hole.example --deliver --message %s %s" % (BIG, FROM)

broken("drop6", "SYN lost over IPv6: connect times out", QUICK, parted="connect",
       fault6="timeout connect", cause="family.unreachable",
       **REFUSED_OVER_6)
broken("drop4", "SYN lost over IPv4: connect times out", QUICK, status=1,
       verdict="fail", ipv4="fail", ipv6="pass", fault4="timeout connect",
       fault6=None, comparison="family-specific", parted="connect", worse="ipv4",
       findings=["family.unreachable"])
broken("rst6", "a reset over IPv6 is a refused connection", QUICK, parted="connect",
       fault6="connection_refused connect", findings=["family.refused"],
       **REFUSED_OVER_6)
broken("rst4", "a reset over IPv4 is a refused connection", QUICK, name=False,
       fault4="connection_refused connect", fault6=None, cause="family.refused",
       **REFUSED_OVER_4)
broken("adm6", "ICMPv6 prohibited names the filter", QUICK, parted="connect",
       fault6="admin_prohibited connect", findings=["family.prohibited"],
       **REFUSED_OVER_6)
broken("adm4", "ICMP prohibited names the filter", QUICK, status=1, verdict="fail",
       ipv4="fail", ipv6="pass", fault4="admin_prohibited connect", fault6=None,
       comparison="family-specific", parted="connect", worse="ipv4",
       findings=["family.prohibited"])
broken("unreach6", "ICMPv6 no route is told as such", QUICK, parted="connect",
       fault6="network_unreachable connect", cause="family.unreachable",
       confidence="confirmed", **REFUSED_OVER_6)
HOLE = dict(cause="path.mtu-black-hole", absent=["server.silent", "path.stalled"],
            seconds=20)
broken("ptbhole6", "a path-MTU black hole is found by a large message, and proven",
       BIG_MAIL + " --data-timeout 4 --pause 50ms", parted="dot",
       fault6="timeout dot", confidence="confirmed", **HOLE, **REFUSED_OVER_6)
broken("ptbhole4", "a path-MTU black hole of IPv4 is proven, and IPv6 is sound",
       BIG_MAIL + " --data-timeout 4 --pause 50ms", parted="dot",
       fault4="timeout dot", fault6=None, confidence="confirmed", **HOLE,
       **REFUSED_OVER_4)
broken("ptbhole6", "without the proof a black hole is a suspicion",
       BIG_MAIL + " --data-timeout 4 --mtu-trial never", name=False, parted="dot",
       fault6="timeout dot", confidence="suspected", **HOLE, **REFUSED_OVER_6)
broken("ptbhole6", "a black hole on the way out is found without any message",
       "--mtu-trial always", name=False, fault6="timeout ehlo", confidence="confirmed",
       **HOLE, **REFUSED_OVER_6)
broken("rptbhole6", "the same on the way back stalls the TLS handshake", QUICK,
       parted="tls", fault6="timeout tls", confidence="confirmed", **HOLE,
       **REFUSED_OVER_6)
broken("rptbhole4", "the same on the way back over IPv4, and IPv6 is sound", QUICK,
       parted="tls", fault4="timeout tls", fault6=None, confidence="confirmed",
       **HOLE, **REFUSED_OVER_4)
case("mtu-sound", "--mtu-trial always of a sound path finds it sound",
     "gmail-like.example --mtu-trial always", then=deeds.has_sound_mtu, **SAME)
broken("stall6 6000", "a path that falls silent is no black hole",
       BIG_MAIL + " " + QUICK, name=False, ipv4="pass", ipv6="fail", status=1,
       verdict="fail", worse="ipv6", seconds=20, absent=["path.mtu-black-hole"])
broken("pmtu6", "a narrower path that says so is no fault",
       BIG_MAIL + " --pause 50ms", absent=["path.mtu-black-hole"], **SAME)

# ---- where to, and from where

case("literal-4", "an IPv4 address literal is a target", "[198.51.100.18]",
     verdict="pass", ipv4="pass", ipv6="n/a")
case("literal-6", "an IPv6 address literal is a target", "[IPv6:2001:db8:d1::2]",
     verdict="pass", ipv4="n/a", ipv6="pass")
case("server", "-s HOST:PORT is walked instead of an MX",
     "-s mx.gmail-like.example:25", **SAME)
case("resolve", "--resolve takes its address for the host",
     "gmail-like.example --resolve mx.gmail-like.example:25:198.51.100.18",
     verdict="pass", ipv4="pass", ipv6="n/a")
case("ip", "--ip walks this address only", "gmail-like.example --ip 2001:db8:d1::2",
     verdict="pass", ipv4="n/a", ipv6="pass", then=deeds.walks(1))
case("ip-of-nobody", "--ip that is none of the addresses walks nothing, and says why",
     "gmail-like.example --ip 192.0.2.1", status=4, verdict="n/a", ipv4="n/a",
     ipv6="n/a", then=deeds.walks(0))
case("dns", "--dns asks the resolver that it names",
     "gmail-like.example --dns [2001:db8:53::54]:53",
     then=deeds.asked("2001:db8:53::54"), **SAME)
case("rcpt-of-target", "user@domain and -f reach RCPT",
     "postmaster@ok.gmail-like.example " + FROM, then=deeds.reached("rcpt"), **SAME)
case("option-last", "an option may stand behind the target",
     "ok.gmail-like.example -f probe@sender.example -t postmaster@ok.gmail-like.example",
     then=deeds.reached("rcpt"), **SAME)
case("e4-6", "a host without IPv6 has no verdict on it, at once",
     "gmail-like.example -6", on="e4", status=4, verdict="n/a", ipv4=None, ipv6="n/a",
     seconds=2, then=deeds.walks(0))
case("e4", "a host without IPv6 probes IPv4, and IPv6 is n/a",
     delivery("gmail-like.example"), on="e4", status=0, verdict="pass", ipv4="pass",
     ipv6="n/a", comparison="inconclusive", fault4=None)
case("e6", "a host without IPv4 probes IPv6, and IPv4 is n/a",
     delivery("gmail-like.example"), on="e6", status=1, verdict="fail", ipv4="n/a",
     ipv6="fail", comparison="inconclusive", fault6="smtp_5xx dot",
     meaning6="google.not-authorized")

# ---- more than one command line

deed("--save-answers, then --answers: the same ways and verdict without a resolver",
     deeds.replay)
deed("--dry-run shows the plan and connects to nobody", deeds.dry_run)
deed("two targets end with the status of the worse one", deeds.two_targets)
deed("200 targets are all told, politely, in little memory", deeds.two_hundred,
     is_long=True)
deed("no more connections at once than --parallel says", deeds.ceiling)
deed("by default a second lies between two visits of a host", deeds.default_pause,
     is_long=True)
deed("two processes of a user are as polite as one", deeds.two_processes)
deed("a budget holds over runs, and who is refused is told until when",
     deeds.spent_budget)
deed("a rest that was asked for holds for a walk of one's own, too",
     deeds.rest_asked_for)
deed("Ctrl-C in a tarpit ends within two seconds with what is known", deeds.interrupt)
deed("a closed pipe is an exit status, not a crash", deeds.closed_pipe)
deed("forty columns are enough", deeds.forty_columns)
deed("-v shows the dialogue", deeds.verbose)
deed("progress is for a terminal, and names what is waited for", deeds.progress)
deed("nothing but a terminal sees progress", deeds.no_progress)
deed("colour is for a terminal, NO_COLOR and --color have a say", deeds.colour)
deed("--repeat against another's server asks first, and walks when told",
     deeds.repeat_asks_first)
deed("--interface is used, and one that is not there is our own trouble",
     deeds.interface)
deed("a source address that is not ours ends the walk", deeds.foreign_source)
deed("--keylog writes the secrets of both families, for us alone", deeds.keylog)
deed("--codebook takes the place of the built-in one, or is refused with its line",
     deeds.codebook)
deed("packets: tshark reads the refusal inside TLS, with nothing but the file",
     packets.refusal_is_seen)
deed("packets: connections are whole, from the first SYN to the last FIN",
     packets.streams_are_whole)
deed("packets: --redact tells no secrets and no mailboxes, and all else",
     packets.is_redacted)
deed("packets: who walks has no capability left", packets.gives_up_privileges)
deed("packets: without the capability, the line is told that gives it",
     packets.says_what_it_needs)
deed("packets: a scenario keeps those of a cell that fails, with keys if it says so",
     packets.of_each_failing_cell)
for name, sentence, more, comments in packets.FAULTS:
    deed(sentence, packets.shows(name, more, comments))
    CASES[-1].faults = [name + " hole"]
for sentence, check in captures.DEEDS:
    deed(sentence, check)
CASES[-1].faults = ["drop6 hole"]
for name, sentence, check in captures.FAULTS:
    deed(sentence, check)
    CASES[-1].faults = [name + " hole"]
for sentence, broken, check in traces.FAULTS:
    deed(sentence, traces.during(broken, check))
    CASES[-1].faults = broken           # one at a time: all hosts see it
    CASES[-1].faults = broken
for sentence, check in outages.DEEDS:
    deed(sentence, check)
    CASES[-1].faults = [outages.SLOW]
deed("trace: without a fault both families are open", traces.sound)
deed("trace: a target without an exchanger says why", traces.undecided)
deed("trace: name servers that are silent end by themselves", traces.silent_names)
deed("trace: a host without a family traces the other one", traces.one_family)
deed("each family has an EHLO name of its own", deeds.ehlo_names)
deed("--quit-after says nothing beyond its stage", deeds.quit_after)
deed("--sni is asked for and checked, --ca-dir is what is trusted",
     deeds.certificate_options)
deed("-p is the port that is walked to", deeds.port)
