# SPDX-License-Identifier: Apache-2.0
# Every way in which a Python program may hold a conversation with the quoting service; silent where all are
# answered.  Run by tests/system/qgs.sh.
import asyncio, errno, fcntl, os, select, selectors, socket, struct, sys, threading, time

def request():
    data = os.urandom(64)
    fd = os.open("/dev/tdx_guest", os.O_RDWR)
    report = bytearray(data + bytes(1024))
    fcntl.ioctl(fd, 0xc4405401, report)
    os.close(fd)
    message = struct.pack("<HHIIIII", 1, 1, 0, 1048, 0, 1024, 0) + report[64:]
    return data, struct.pack(">I", len(message)) + message

def check(data, reply):
    size, major, minor, kind, inner, error, ids, quote = struct.unpack(">I", reply[:4]) + \
        struct.unpack("<HHIIIII", reply[4:28])
    assert (size, inner) == (len(reply) - 4,) * 2, (size, inner, len(reply))
    assert (major, minor, kind, error, ids, quote) == (1, 1, 1, 0, 0, len(reply) - 28), reply[:28]
    assert reply[28 + 568:28 + 632] == data, "over other report data"

def host(timeout=None, flags=0):
    s = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM | flags)
    s.settimeout(timeout)
    s.connect((socket.VMADDR_CID_HOST, 4050))
    return s

def whole(s):
    reply = b""
    while part := s.recv(1000):
        reply += part
    return reply

def plain():
    data, framed = request()
    with host() as s:
        s.sendall(framed)
        check(data, whole(s))

def with_timeout():
    data, framed = request()
    with host(10) as s:
        for at in range(0, len(framed), 100):
            s.sendall(framed[at:at + 100])
        check(data, whole(s))

def bytewise():
    data, framed = request()
    with host() as s:
        for byte in framed:
            assert s.send(bytes([byte])) == 1
        reply = b""
        while byte := s.recv(1):
            reply += byte
        check(data, reply)

def into_buffer():
    data, framed = request()
    with host() as s:
        s.sendall(framed)
        buffer = bytearray(20000)
        have = 0
        while n := s.recv_into(memoryview(buffer)[have:]):
            have += n
        check(data, bytes(buffer[:have]))

def polled():
    data, framed = request()
    with host(0) as s:
        assert select.select([], [s], [], 5)[1] == [s]
        try:
            s.recv(1)
            raise SystemExit("something to read")
        except BlockingIOError:
            pass
        s.send(framed)
        assert select.select([s], [], [], 20)[0] == [s]
        poll, epoll = select.poll(), select.epoll()
        poll.register(s, select.POLLIN)
        epoll.register(s, select.EPOLLIN)
        assert poll.poll(0)[0][1] & select.POLLIN and epoll.poll(0)[0][1] & select.EPOLLIN
        reply = b""
        with selectors.DefaultSelector() as selector:
            selector.register(s, selectors.EVENT_READ)
            while selector.select(20) and (part := s.recv(512)):
                reply += part
        check(data, reply)

def on_a_loop():
    async def run():
        loop = asyncio.get_running_loop()
        data, framed = request()
        s = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
        s.setblocking(False)
        await loop.sock_connect(s, (2, 4050))
        await loop.sock_sendall(s, framed)
        reply = b""
        while part := await loop.sock_recv(s, 4096):
            reply += part
        s.close()
        check(data, reply)
    asyncio.run(run())

def forked():
    data, framed = request()
    s = host()
    child = os.fork()
    if child == 0:
        try:
            s.sendall(framed)
            check(data, whole(s))
        finally:
            os._exit(0 if sys.exc_info()[0] is None else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert s.recv(1) == b""

def duplicated():
    data, framed = request()
    s = host()
    copy = s.dup()
    s.close()
    copy.sendall(framed)
    check(data, whole(copy))

def in_threads():
    failures = []
    def one():
        try:
            plain()
        except BaseException as e:
            failures.append(e)
    threads = [threading.Thread(target=one) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failures, failures

def left_alone():
    before = sorted(os.listdir("/proc/self/fd"))
    for i in range(20):
        data, framed = request()
        s = host()
        s.sendall(framed[:i * 50])
        if i % 2:
            s.sendall(framed[i * 50:])
        s.close()
    assert sorted(os.listdir("/proc/self/fd")) == before, "descriptors stay"

# the kernel looks for rings of sockets in flight when one of them is closed
def collected():
    data, framed = request()
    s = host()
    s.sendall(framed[:500])
    for _ in range(50):
        a, b = socket.socketpair()
        socket.send_fds(a, [b"x"], [b.fileno()])
        socket.send_fds(b, [b"x"], [a.fileno()])
        a.close()
        b.close()
    s.sendall(framed[500:])
    check(data, whole(s))

def full_table():
    data, framed = request()
    s = host()
    others = []
    try:
        while True:
            others.append(os.dup(0))
    except OSError as e:
        assert e.errno == errno.EMFILE, e
    s.sendall(framed)
    try:
        s.recv(1)
        raise SystemExit("received without a free descriptor")
    except OSError as e:
        assert e.errno == errno.EMFILE, e
    for fd in others:
        os.close(fd)
    check(data, whole(s))

import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))
for way in [plain, with_timeout, bytewise, into_buffer, polled, on_a_loop, forked, duplicated, in_threads,
            left_alone, collected, full_table]:
    try:
        way()
    except BaseException:
        print(way.__name__, file=sys.stderr)
        raise
