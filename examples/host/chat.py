import select
import socket


def chat(host, port, timeout):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(socket.getaddrinfo("0.0.0.0", port)[0][-1])
    listener.listen(2)
    print("tcp://%s:%d" % (host, port))
    first, _ = listener.accept()
    tell(first, "* you are the first; wait for the second\n")
    second, _ = listener.accept()
    poller = select.poll()
    for sock in (first, second):
        sock.settimeout(10)
        tell(sock, "* you are two\n")
        poller.register(sock, select.POLLIN)
    talking = True
    while talking:
        ready = poller.poll(timeout * 1000)
        if not ready:
            for sock in (first, second):
                tell(sock, "* nobody has said anything for %d seconds\n" % timeout)
        for sock, _ in ready:
            other = second if sock is first else first
            data = heard(sock)
            if data:
                tell(other, data)
            else:
                tell(other, "* the other one has left\n")
                talking = False
    for sock in (first, second, listener):
        sock.close()


def tell(sock, text):
    try:
        sock.sendall(text if isinstance(text, bytes) else text.encode())
    except OSError as error:
        print("not told:", error)  # poll will say that it has left


def heard(sock):
    try:
        return sock.recv(1000)
    except OSError as error:
        print("gone:", error)
        return b""


if __name__ == "__main__":
    # On the board: nic = network.ESP8285(uart); nic.connect(ssid, password); host = nic.ifconfig()[0]
    chat("127.0.0.1", 8023, 60)
