"""A mail server of a few lines, to see the real backend break."""

import socketserver
import threading
from contextlib import contextmanager


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.sessions += 1
        self.say("220 siap")
        while line := self.rfile.readline():
            word = line.split(b" ")[0].strip().upper()
            if word == b"RCPT" and any(name in line for name in self.server.hangs_up_on):
                return
            if word == b"RCPT" and any(name in line for name in self.server.refused):
                self.say("550 tidak ada")
            elif word == b"DATA":
                self.say("354 silakan")
                self.server.received.append(self.message())
                self.say("250 diterima")
            elif word == b"QUIT":
                self.say("221 selesai")
                return
            else:
                self.say("250 baik")

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def message(self):
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        return b"".join(lines)


@contextmanager
def mail_server(settings, *, refused=(), hangs_up_on=()):
    """Runs the server and makes it the portal's; yields it with what it `received` and its number of `sessions`."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = True
        server.refused, server.hangs_up_on, server.received, server.sessions = refused, hangs_up_on, [], 0
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        try:
            yield server
        finally:
            server.shutdown()
