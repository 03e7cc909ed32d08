# Each file may include only its own folder and the folders listed for it, and
# only the folders listed may use a library's header.
BEGIN {
	nouns = "probe/base probe/dns probe/smtp probe/mail"
	facts = nouns " probe/tls probe/policy probe/facts scenarios"
	may["probe/base"]   = ""
	may["scenarios"]    = "probe/base"
	may["probe/dns"]    = "probe/base"
	may["probe/smtp"]   = "probe/base"
	may["probe/mail"]   = "probe/base"
	may["probe/tls"]    = "probe/base"
	may["probe/policy"] = "probe/base probe/dns probe/mail"
	may["probe/facts"]  = nouns " probe/tls probe/policy scenarios"
	may["probe/walk"]   = facts
	# A judgement is made of facts; its words for a reply are smtp's.
	may["probe/judge"]  = facts
	may["probe/net"]    = facts " probe/walk"
	may["pcap"]         = facts
	# What others wrote down becomes facts, as a walk does.
	may["reports/inbound"] = facts " probe/judge"
	# What is kept from run to run is judged already.
	may["probe/store"]  = facts " probe/judge"
	may["reports"]      = facts " probe/judge probe/store reports/inbound"
	may["probe"]        = facts " probe/walk probe/judge probe/net probe/store"
	may["probe/verbs"]  = may["probe"] " probe pcap reports reports/inbound"
	may["probe/mxprobe.c"] = may["probe/verbs"] " probe/verbs"
	may["tests"]        = may["probe/mxprobe.c"]

	only["uv.h"]      = "probe/net probe pcap tests"
	only["ares.h"]    = "probe/net tests"
	only["openssl"]   = "probe/tls probe/policy tests"
	# Reading only: what we write, reports/json_writer.c writes.
	only["jansson.h"] = "reports/inbound tests"
	only["idn2.h"]    = "probe/dns tests"
	only["libpsl.h"]  = "probe/policy tests"
	only["curl"]      = "probe/net tests"
	only["pcap"]      = "pcap tests"
	only["pcap.h"]    = "pcap tests"
	only["pcre2.h"]   = "probe/judge tests"
	only["sqlite3.h"] = "probe/store tests"
	only["expat.h"]   = "reports/inbound tests"
	only["archive.h"] = "reports/inbound tests"
	only["archive_entry.h"] = "reports/inbound tests"
}
function folder(path) {
	while (path && !(path in may) && sub(/\/[^\/]*$/, "", path))
		;
	return path
}
function listed(list, name) {
	return index(" " list " ", " " name " ") != 0
}
/^#[ ]*include "/ {
	split($0, quoted, "\"")
	if (quoted[2] ~ /\.inc$/)
		next
	from = folder(FILENAME)
	to = folder(quoted[2])
	if (to != from && !listed(may[from], to)) {
		printf "%s:%d: %s may not know %s\n", FILENAME, FNR, from, to
		wrong = 1
	}
}
/^#[ ]*include </ {
	split($0, angled, /[<>]/)
	library = angled[2]
	sub(/\/.*/, "", library)
	from = folder(FILENAME)
	if (library in only && !listed(only[library], from)) {
		printf "%s:%d: %s may not use %s\n", FILENAME, FNR, from,
			angled[2]
		wrong = 1
	}
}
END { exit wrong }
