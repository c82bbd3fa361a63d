"""Adafruit's ESP_ATcontrol, as published, against the simulator on a pseudo-terminal.

    python esp_atcontrol.py PTY PORT PAGE

PTY is where `esp8285-sim --pty PTY --host page.example=127.0.0.1:PORT` offers its modem, PORT where an HTTP server on
this computer gives /page, and PAGE the file it must be equal to. Every step is checked; the first that fails ends the
program with its name.
"""

import sys
import time
import types


def stand_ins():
    """The CircuitPython modules the library imports and CPython does not have."""
    busio = types.ModuleType("busio")
    busio.UART = object
    digitalio = types.ModuleType("digitalio")
    digitalio.DigitalInOut = type("DigitalInOut", (), {})
    digitalio.Direction = types.SimpleNamespace(OUTPUT=1, INPUT=0)
    micropython = types.ModuleType("micropython")
    micropython.const = lambda value: value
    for module in (busio, digitalio, micropython):
        sys.modules[module.__name__] = module


stand_ins()

import serial  # noqa: E402
import adafruit_espatcontrol.adafruit_espatcontrol_socket as at_socket  # noqa: E402
from adafruit_espatcontrol.adafruit_espatcontrol import ESP_ATcontrol  # noqa: E402

NAME, SSID, PASSWORD = "page.example", "home", "secret pass"


def check(step, good, seen):
    """Prints the step and what was seen, or ends the program."""
    if not good:
        sys.exit(f"esp_atcontrol: {step} failed: {seen!r}")
    print(f"esp_atcontrol: {step}: {str(seen)[:100]}", flush=True)


def fetch(esp, port):
    """The body of /page, through the library's socket."""
    socket = at_socket.socket()
    socket.settimeout(2)
    address = at_socket.getaddrinfo(NAME, port)[0][4]
    check("look up", address[0].count(".") == 3, address)
    socket.connect(address, esp.TYPE_TCP)
    check("connect", esp.status == esp.STATUS_SOCKETOPEN, esp.status)
    socket.send(f"GET /page HTTP/1.0\r\nHost: {NAME}\r\n\r\n".encode())
    answer = b""
    while True:
        piece = esp.socket_receive(timeout=4)
        if not piece:
            break
        answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    check("answer", head.split(b"\r\n")[0].endswith(b"200 OK"), head)
    return body


def main():
    pty, port, page = sys.argv[1], int(sys.argv[2]), open(sys.argv[3], "rb").read()
    uart = serial.Serial(pty, 115200, timeout=1)
    # AT+CIPSTATUS exists everywhere; the other way the library has needs AT+CIPSTATE, which came with 2.3.
    esp = ESP_ATcontrol(uart, 115200, debug="--debug" in sys.argv, use_cipstatus="--new-states" not in sys.argv)
    at_socket.set_interface(esp)
    check("reset", esp.soft_reset(), True)
    esp.begin()
    check("begin", esp._initialized and "AT version:" in (esp.version or ""), esp.version)
    found = [ap[1] for ap in esp.scan_APs()]
    check("scan", SSID in found, found)
    esp.join_AP(SSID, PASSWORD, timeout=20)
    # The library goes on at WIFI GOT IP; the firmware's OK may take another second.
    time.sleep(2)
    check("join", esp.status == esp.STATUS_APCONNECTED, esp.status)
    check("address", esp.local_ip.count(".") == 3, esp.local_ip)
    ms = esp.ping(NAME)
    check("ping", isinstance(ms, int), ms)
    for attempt in (1, 2):
        body = fetch(esp, port)
        check(f"page {attempt}", body == page, f"{len(body)} of {len(page)} bytes")
        esp.socket_disconnect()
        check("close", esp.status in (esp.STATUS_APCONNECTED, esp.STATUS_SOCKETCLOSED), esp.status)
    esp.disconnect()
    check("leave", esp.status == esp.STATUS_NOTCONNECTED, esp.status)


main()
