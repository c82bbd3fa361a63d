"""Runs the MicroPython originals in examples/host and the Rust programs beside them against the same clients, and
compares what the clients got.

    python3 examples/tests/originals.py DIRECTORY

where DIRECTORY has the built programs. The originals run in this Python, whose socket module does what they ask of
MicroPython's; only select.poll gives file numbers where MicroPython's gives the sockets themselves.
"""

import http.client
import os
import pathlib
import socket
import struct
import subprocess
import sys
import threading
import time

ORIGINALS = pathlib.Path(__file__).resolve().parent.parent / "host"
PATIENCE = 60

# What makes poll objects of this Python give the sockets.
SELECT = """
import select
class Poll:
    def __init__(self):
        self.inner, self.socks = select.poll(), {}
    def register(self, sock, mask):
        self.socks[sock.fileno()] = sock
        self.inner.register(sock, mask)
    def poll(self, timeout):
        return [(self.socks[number], event) for number, event in self.inner.poll(timeout)]
class Select:
    POLLIN, poll = select.POLLIN, Poll
chat.select = Select
"""


def start(command):
    environment = dict(os.environ, PYTHONPATH=str(ORIGINALS), PYTHONDONTWRITEBYTECODE="1")
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def original(name, call, preparation=""):
    return start([sys.executable, "-u", "-c", f"import {name}\n{preparation}\n{name}.{call}"])


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def patiently(attempt, wanted):
    """Where the modem is not ready yet, or turns a client away, the client tries again."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            result = attempt()
            if wanted(result):
                return result
        except OSError:
            pass
        time.sleep(0.01)
    raise SystemExit("no answer")


def ask(port, method, path):
    def attempt():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.version, answer.status, answer.reason, answer.getheaders(), answer.read()
        finally:
            connection.close()

    return patiently(attempt, lambda _: True)


def browse(port):
    got = [ask(port, *request) for request in (("GET", "/"), ("GET", "/favicon.ico"), ("HEAD", "/"), ("PUT", "/"))]
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as silent:
        got.append(silent.recv(1))
    pages = []
    client = lambda: pages.extend(ask(port, "GET", "/") for _ in range(4))
    clients = [threading.Thread(target=client) for _ in range(4)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    return got + sorted(pages)


def echo(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", port))
        sock.settimeout(PATIENCE)

        def attempt(data):
            sock.send(data)
            return sock.recv(3000)

        patiently(lambda: attempt(b"are you there?"), lambda _: True)
        return [attempt(bytes(i * 7 % 256 for i in range(length))) for length in (1, 10, 1472, 2048)]


def come(port):
    connect = lambda: socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    return patiently(connect, lambda _: True).makefile("rwb", 0)


def talk(port):
    first = come(port)
    got = [first.readline()]
    second = come(port)
    got += [second.readline(), first.readline()]
    first.write(b"hello\n")
    got.append(second.readline())
    second.write(b"hi\n")
    # Then silence.
    got += [first.readline(), first.readline(), second.readline()]
    second.close()
    return got + [first.readline(), first.readline()]


def replies(request):
    """Not for this request; from a server without a clock; and a good one."""
    good = struct.pack("!BBbb12x8x8s8xII", 4 << 3 | 4, 2, 6, -20, request[40:48], 2208988800 + 1600000000, 1)
    return [good[:24] + bytes(8) + good[32:], bytes([good[0] | 3 << 6]) + good[1:], good]


def tell_time(sock):
    got = []
    for number in range(3):
        request, client = sock.recvfrom(1000)
        got.append(request[:40])
        sock.sendto(replies(request)[number], client)
    return got


def compare(name, runs):
    results = [run() for run in runs]
    if results[0] != results[1]:
        raise SystemExit(f"{name}: the original and the program differ:\n{results[0]}\n{results[1]}")
    print(f"{name}: the same from both", flush=True)


def serving(process, client):
    """What a client gets of a server that says where it listens and ends by itself."""
    try:
        url = process.stdout.readline().strip()
        port = int(url.rstrip("/").rsplit(":", 1)[1])
        got = client(port)
        return url.replace(str(port), "PORT"), got, process.wait(PATIENCE)
    finally:
        process.kill()


def asking(command):
    """What a program says that asks this one for the time, and what it asks."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(PATIENCE)
        process = command(sock.getsockname()[1])
        try:
            got = tell_time(sock)
            return got, process.communicate(timeout=PATIENCE)
        finally:
            process.kill()


def main(programs):
    program = lambda name, *options: start([str(programs / name), *map(str, options)])
    tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
    for dialect in "nonos-1.7", "esp-at-2.2":
        print(f"{dialect}:")
        port = free_port(tcp)
        compare("web_server", [
            lambda: serving(original("web_server", f"serve('127.0.0.1', {port}, 20)"), browse),
            lambda: serving(program("web_server", "--dialect", dialect, "--port", port, "--requests", 20), browse),
        ])
        port = free_port(udp)
        compare("udp_echo", [
            lambda: serving(original("udp_echo", f"echo('127.0.0.1', {port}, 5)"), echo),
            lambda: serving(program("udp_echo", "--dialect", dialect, "--port", port, "--datagrams", 5), echo),
        ])
        port = free_port(tcp)
        compare("chat", [
            lambda: serving(original("chat", f"chat('127.0.0.1', {port}, 5)", SELECT), talk),
            lambda: serving(program("chat", "--dialect", dialect, "--port", port, "--timeout", 5), talk),
        ])
        compare("ntp_query", [
            lambda: asking(lambda port: original("ntp_query", f"main('127.0.0.1', {port})")),
            lambda: asking(lambda port: program("ntp_query", "--dialect", dialect, "--server", f"127.0.0.1:{port}")),
        ])


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
