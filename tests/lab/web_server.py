"""web_server.py CADIR - the policies of the lab's domains (RFC 8461), on port 443 of
every address, over both families.  What a domain does not have is a 404; one name
has a certificate that has expired."""
import http.server
import os
import socket
import ssl
import sys

POLICY = "version: STSv1\r\nmode: {}\r\nmx: {}\r\nmax_age: {}\r\n"
POLICIES = {
    "mta-sts.gmail-like.example": POLICY.format("enforce", "*.gmail-like.example", 604800),
    "mta-sts.stsbad.example": POLICY.format("enforce", "mx.elsewhere.example", 604800),
    "mta-sts.stscert.example": POLICY.format("enforce", "mx.exim.example", 604800),
}
EXPIRED = "mta-sts.stscert.example"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self):
        host = self.headers.get("Host", "").lower()
        policy = POLICIES.get(host)
        if policy is None or self.path != "/.well-known/mta-sts.txt":
            self.send_error(404)
            return
        body = policy.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        # Not HTTPServer's: it would look up our own name.
        socket.socket.bind(self.socket, self.server_address)

    def finish_request(self, request, client_address):
        # In the connection's own thread: a client that dawdles holds up no other.
        request.settimeout(10)
        with good.wrap_socket(request, server_side=True) as tls:
            self.RequestHandlerClass(tls, client_address, self)

    def handle_error(self, request, client_address):
        print(client_address[0], sys.exc_info()[1], file=sys.stderr, flush=True)


def context(name):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(os.path.join(sys.argv[1], name + ".crt"),
                         os.path.join(sys.argv[1], name + ".key"))
    return made


def on_name(tls, name, _):
    if name == EXPIRED:
        tls.context = expired


good, expired = context("web"), context("webold")
good.sni_callback = on_name
Server(("::", 443), Handler).serve_forever()
