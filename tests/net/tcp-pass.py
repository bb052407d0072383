#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Sends bytes over TCP and says how many arrived.

usage: tcp-pass.py listen PORT BYTES SECONDS
       tcp-pass.py connect ADDRESS PORT BYTES SECONDS
       tcp-pass.py fetch ADDRESS PORT BYTES SECONDS

The one who listens sends BYTES if it hears nothing but "?", else it takes all and answers
"done". Exit status 0: all bytes arrived within SECONDS.
"""

import socket
import sys
import threading


def receive(connection, size):
    """Takes so many bytes."""
    while size > 0:
        data = connection.recv(65536)
        if not data:
            raise OSError(f"{size} bytes are missing")
        size -= len(data)


def serve(connection, size, seconds):
    """What one who has connected wants."""
    with connection:
        connection.settimeout(seconds)
        try:
            if connection.recv(1) == b"?":
                connection.sendall(bytes(size))
            else:
                receive(connection, size - 1)
                connection.sendall(b"done")
            connection.recv(1)
        except OSError as error:
            print(error, flush=True)


def listen(port, size, seconds):
    """Who gets nowhere does not keep others waiting."""
    with socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        print("listening", flush=True)
        while True:
            threading.Thread(target=serve, args=(server.accept()[0], size, seconds)).start()


def main():
    words = sys.argv[1:]
    size, seconds = int(words[-2]), float(words[-1])
    if words[0] == "listen":
        listen(int(words[1]), size, seconds)
    with socket.create_connection((words[1], int(words[2])), timeout=seconds) as connection:
        if words[0] == "fetch":
            connection.sendall(b"?")
            receive(connection, size)
        else:
            connection.sendall(b"!" * size)
            receive(connection, 4)


main()
