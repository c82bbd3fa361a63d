import os
import socket
import time


def query(host, port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    address = socket.getaddrinfo(host, port, socket.AF_INET)[0][-1]
    sock.settimeout(5)
    for _ in range(3):
        request = bytearray(48)
        request[0] = 4 << 3 | 3  # version 4, mode 3: a client
        request[40:48] = os.urandom(8)  # the transmit timestamp, which comes back as the origin
        sock.sendto(request, address)
        try:
            reply, sender = sock.recvfrom(100)
        except OSError as error:
            print("no reply:", error)
            continue
        if sender != address or not answers(reply, request):
            print("not the reply to what was asked")
            continue
        leap, stratum = reply[0] >> 6, reply[1]
        if stratum == 0:
            print("turned away:", reply[12:16])  # such as RATE: asked too often
            break
        if leap == 3 or stratum > 15 or reply[40:48] == bytes(8):
            print("the server does not know the time itself")
            continue
        sock.close()
        return unix_time(reply)
    sock.close()
    return None


def answers(reply, request):
    return len(reply) >= 48 and reply[0] & 7 == 4 and reply[24:32] == request[40:48]


def unix_time(reply):
    seconds = int.from_bytes(reply[40:44], "big")
    if seconds < 1 << 31:
        seconds += 1 << 32  # it starts again from 0 in 2036
    return seconds - 2208988800  # from 1900 to 1970


def main(host, port):
    now = query(host, port)
    if now is not None:
        # Where a board counts from 2000, gmtime wants 946684800 less.
        print("%04d-%02d-%02dT%02d:%02d:%02dZ" % time.gmtime(now)[:6])


if __name__ == "__main__":
    # On the board: nic = network.ESP8285(uart); nic.connect(ssid, password)
    main("pool.ntp.org", 123)
