import socket


def echo(host, port, datagrams=None):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(socket.getaddrinfo("0.0.0.0", port)[0][-1])
    print("udp://%s:%d" % (host, port))
    answered = 0
    while datagrams is None or answered < datagrams:
        data, sender = sock.recvfrom(2048)
        try:
            sock.sendto(data, sender)
            answered += 1
        except OSError as error:
            print("not answered:", error)
    sock.close()


if __name__ == "__main__":
    # On the board: nic = network.ESP8285(uart); nic.connect(ssid, password); host = nic.ifconfig()[0]
    echo("127.0.0.1", 7007)
