import socket


def serve(host, port, requests=None):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(socket.getaddrinfo("0.0.0.0", port)[0][-1])
    listener.listen(5)
    print("http://%s:%d/" % (host, port))
    visits = 0
    answered = 0
    while requests is None or answered < requests:
        client, addr = listener.accept()
        client.settimeout(2)
        try:
            request = read_request(client)
            if len(request) >= 2:
                method, path = request[0], request[1]
                if method == b"GET" and path == b"/":
                    visits += 1
                client.sendall(answer(method, path, visits))
                answered += 1
        except OSError as error:
            print("a client left:", error)
        client.close()
    listener.close()


def read_request(client):
    lines = client.makefile("rwb", 0)
    request = lines.readline(1000)
    line = request
    while line not in (b"\r\n", b"\n", b""):
        line = lines.readline(1000)
    return request.split()


def answer(method, path, visits):
    if method not in (b"GET", b"HEAD"):
        status, body = "405 Method Not Allowed", "<p>GET and HEAD only.</p>\n"
    elif path == b"/":
        status, body = "200 OK", "<title>ESP8285</title><h1>Hello</h1><p>Visit %d.</p>\n" % visits
    else:
        status, body = "404 Not Found", "<p>There is no such page.</p>\n"
    head = "HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n" % (status, len(body))
    head += "Connection: close\r\n\r\n"
    if method == b"HEAD":
        body = ""
    return (head + body).encode()


if __name__ == "__main__":
    # On the board: nic = network.ESP8285(uart); nic.connect(ssid, password); host = nic.ifconfig()[0]
    serve("127.0.0.1", 8080)
