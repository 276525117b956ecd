// Preloaded into redis-server and redis-sentinel, which would spin on a socket for hours.
//
// Linux keeps the ICMP error that a connection's first packet met ("nobody is behind this Service
// now") in the socket's error queue when a later packet gets through (net/ipv4/tcp_ipv4.c,
// tcp_v4_err). From then on epoll reports EPOLLERR for the connection, which works; Redis takes
// that for "readable", reads, finds nothing, and is called again: a whole core, for as long as the
// connection lasts. Any Sentinel whose peer was restarted may meet it.
//
// Here a read that found nothing also empties that queue. It costs nothing on a read that found
// something.
#include <cerrno>

#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

constexpr int kErrorsMax = 64;  // at a time; a queue holds a few

using Read = ssize_t (*)(int, void*, size_t);
using Receive = ssize_t (*)(int, void*, size_t, int);

template <class Function>
Function next(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

void drop_errors(int file) {
    const int told = errno;
    char payload[1];
    char control[256];
    iovec part{.iov_base = payload, .iov_len = sizeof payload};
    for (int i = 0; i < kErrorsMax; ++i) {
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        // What is no socket says so, at the first attempt.
        if (recvmsg(file, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) break;
    }
    errno = told;
}

ssize_t seen(int file, ssize_t got) {
    if (got < 0 && errno == EAGAIN) drop_errors(file);
    return got;
}

}  // namespace

extern "C" ssize_t read(int file, void* buffer, size_t size) {
    static const auto real = next<Read>("read");
    return seen(file, real(file, buffer, size));
}

extern "C" ssize_t recv(int file, void* buffer, size_t size, int flags) {
    static const auto real = next<Receive>("recv");
    return seen(file, real(file, buffer, size, flags));
}
