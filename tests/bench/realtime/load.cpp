#include "tests/bench/realtime/load.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace chatflow::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBucketsPerMs = 20;
constexpr std::size_t kBuckets = 2000 * kBucketsPerMs;  // two seconds; more counts as that

int check(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::system_category(), what);
    return result;
}

std::uint64_t now_ns() {
    return static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
}

// User and system time that a process has used.
double cpu_seconds(const std::string& pid) {
    if (pid.empty()) return 0;
    std::ifstream file("/proc/" + pid + "/stat");
    std::string text;
    std::getline(file, text);
    // Fields 14 and 15 of proc(5); the second may hold spaces, and ends with a bracket.
    std::istringstream fields(text.substr(std::min(text.rfind(')') + 1, text.size())));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

// With a mask of zeroes: the text is as it is.
std::string frame(std::string_view text) {
    std::string bytes = "\x81";
    if (text.size() < 126) {
        bytes += static_cast<char>(0x80U | text.size());
    } else {
        bytes += static_cast<char>(0x80U | 126U);
        bytes += static_cast<char>(text.size() >> 8U);
        bytes += static_cast<char>(text.size() & 0xFFU);
    }
    bytes.append(4, '\0');
    return bytes.append(text);
}

void send_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EAGAIN) continue;
        check(static_cast<int>(count), "send");
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::string receive_until(int descriptor, std::string_view mark) {
    std::string text;
    std::array<char, 4096> buffer{};
    while (!text.contains(mark)) {
        const ssize_t count = ::recv(descriptor, buffer.data(), buffer.size(), 0);
        if (count == 0) throw std::system_error(ECONNRESET, std::system_category(), text);
        check(static_cast<int>(count), "recv");
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return text;
}

// Connected to the main namespace; without a token, of the echo application.
// `receive_bytes`: of the kernel's buffer; 0: as it likes. With small segments too: the sender's
// buffer grows with them, and those of the loopback are 64 KiB.
int open_client(const std::string& host, std::uint16_t port, const std::string& token,
                int receive_bytes = 0) {
    const int descriptor = check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    if (receive_bytes > 0) {
        constexpr int kSegment = 536;
        ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_MAXSEG, &kSegment, sizeof kSegment);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as the interface has it
    check(::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address), "connect");
    const int yes = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    send_all(descriptor,
             "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: bench\r\n"
             "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    receive_until(descriptor, R"("maxPayload":)");
    if (token.empty()) {
        send_all(descriptor, frame("40"));
        receive_until(descriptor, R"(42["auth",{}])");
    } else {
        send_all(descriptor, frame(R"(40{"token":")" + token + "\"}"));
        receive_until(descriptor, R"("pid":)");
    }
    return descriptor;
}

struct Client {
    int descriptor = -1;
    std::uint64_t next = 0;  // number of the message that must come
    std::string held;
};

class Load {
 public:
    explicit Load(const LoadOptions& options) : options_(options), latencies_(kBuckets) {}
    ~Load() {
        for (const Client& client : clients_) ::close(client.descriptor);
        if (stalled_ >= 0) ::close(stalled_);
        ::close(epoll_);
    }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    LoadResult run() {
        open();
        const double cpu = cpu_seconds(options_.server_pid);
        const auto begin = Clock::now();
        const auto end = begin + std::chrono::duration<double>(options_.seconds);
        const auto patience = end + std::chrono::seconds(5);
        for (auto now = begin; now < patience; now = Clock::now()) {
            if (now < end) {
                speak(std::chrono::duration<double>(now - begin).count());
            } else if (result_.delivered + result_.missed >= result_.expected) {
                break;
            }
            listen();
        }
        result_.seconds = std::chrono::duration<double>(last_ - begin).count();
        result_.server_cpu_seconds = cpu_seconds(options_.server_pid) - cpu;
        result_.p50_ms = percentile(0.5);
        result_.p99_ms = percentile(0.99);
        return result_;
    }

 private:
    void open() {
        epoll_ = check(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
        clients_.resize(options_.rooms * options_.members);
        numbers_.resize(options_.rooms);
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            Client& client = clients_[i];
            client.descriptor = open_member(i, i / options_.members);
            ::fcntl(client.descriptor, F_SETFL, O_NONBLOCK);
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.ptr = &client;
            check(::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.descriptor, &event), "epoll_ctl");
        }
        // A small buffer, so that it is the server that has to keep what this one does not read.
        constexpr int kSmallBuffer = 4096;
        if (options_.has_stalled_reader) stalled_ = open_member(clients_.size(), 0, kSmallBuffer);
    }

    int open_member(std::size_t number, std::size_t room, int receive_bytes = 0) {
        const auto& tokens = options_.tokens;
        const std::string token = tokens.empty() ? "" : tokens[number % tokens.size()];
        const int descriptor = open_client(options_.host, options_.port, token, receive_bytes);
        const std::string name = std::to_string(room);
        send_all(descriptor,
                 frame(R"(421["join",)" + (token.empty() ? name : "\"" + name + "\"") + "]"));
        receive_until(descriptor, "431[");
        return descriptor;
    }

    void say(std::size_t room, const std::string& text) {
        const std::string name = std::to_string(room);
        const std::string packet = options_.tokens.empty()
                                       ? R"(42["say",)" + name + ",\"" + text + "\"]"
                                       : R"(42["publish",{"roomId":")" + name +
                                             R"(","event":"said","data":")" + text + "\"}]";
        send_all(clients_[room * options_.members].descriptor, frame(packet));
    }

    // What is due by now, of all rooms in turn.
    void speak(double elapsed) {
        const auto due = static_cast<std::uint64_t>(elapsed * options_.says_per_second);
        for (; result_.said < due; ++result_.said) {
            const std::size_t room = result_.said % options_.rooms;
            std::string text =
                std::to_string(numbers_[room]++) + ":" + std::to_string(now_ns()) + ":";
            text.resize(std::max(text.size(), options_.bytes), 'x');
            say(room, text);
            result_.expected += options_.members;
        }
    }

    void listen() {
        std::array<epoll_event, 256> events{};
        const int count = ::epoll_wait(epoll_, events.data(), 256, 1);
        for (int i = 0; i < count; ++i) {
            read(*static_cast<Client*>(events.at(static_cast<std::size_t>(i)).data.ptr));
        }
    }

    void read(Client& client) {
        const ssize_t count = ::recv(client.descriptor, buffer_.data(), buffer_.size(), 0);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) throw std::system_error(ECONNRESET, std::system_category(), "closed");
        const auto now = now_ns();
        std::string_view bytes(buffer_.data(), static_cast<std::size_t>(count));
        if (!client.held.empty()) {
            client.held += bytes;
            bytes = client.held;
        }
        const std::size_t taken = take(client, bytes, now);
        client.held = std::string(bytes.substr(taken));
        last_ = Clock::now();
    }

    std::size_t take(Client& client, std::string_view bytes, std::uint64_t now) {
        std::size_t at = 0;
        for (;;) {
            const auto rest = bytes.substr(at);
            if (rest.size() < 4) return at;
            std::size_t size = static_cast<unsigned char>(rest[1]);
            std::size_t header = 2;
            if (size == 126) {
                size = (static_cast<std::size_t>(static_cast<unsigned char>(rest[2])) << 8U) |
                       static_cast<unsigned char>(rest[3]);
                header = 4;
            }
            if (rest.size() < header + size) return at;
            hear(client, rest.substr(header, size), now);
            at += header + size;
        }
    }

    void hear(Client& client, std::string_view text, std::uint64_t now) {
        constexpr std::string_view kSaid = R"(42["said",")";
        if (text == "2") return send_all(client.descriptor, frame("3"));
        if (!text.starts_with(kSaid)) return;
        text.remove_prefix(kSaid.size());
        std::uint64_t number = 0;
        std::uint64_t at = 0;
        const char* const end = text.data() + text.size();
        const auto* const colon = std::from_chars(text.data(), end, number).ptr;
        std::from_chars(colon + 1, end, at);
        if (number < client.next) {
            ++result_.violations;
            return;
        }
        ++result_.delivered;
        result_.missed += number - client.next;
        client.next = number + 1;
        const double ms = static_cast<double>(now - std::min(at, now)) / 1e6;
        result_.max_ms = std::max(result_.max_ms, ms);
        const auto bucket = static_cast<std::size_t>(ms * static_cast<double>(kBucketsPerMs));
        ++latencies_[std::min(bucket, kBuckets - 1)];
    }

    [[nodiscard]] double percentile(double share) const {
        std::uint64_t total = 0;
        for (const auto count : latencies_) total += count;
        auto left = static_cast<std::uint64_t>(static_cast<double>(total) * share);
        for (std::size_t i = 0; i < latencies_.size(); ++i) {
            if (latencies_[i] > left) return static_cast<double>(i + 1) / kBucketsPerMs;
            left -= latencies_[i];
        }
        return 0;
    }

    LoadOptions options_;
    LoadResult result_;
    std::vector<Client> clients_;
    std::vector<std::uint64_t> numbers_;  // of each room
    std::vector<std::uint64_t> latencies_;
    std::array<char, 64 * 1024> buffer_{};
    Clock::time_point last_;
    int epoll_ = -1;
    int stalled_ = -1;
};

}  // namespace

LoadResult run_load(const LoadOptions& options) { return std::make_unique<Load>(options)->run(); }

IdleConnections::IdleConnections(const std::string& host, std::uint16_t port, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) descriptors_.push_back(open_client(host, port, ""));
}

IdleConnections::~IdleConnections() {
    for (const int descriptor : descriptors_) ::close(descriptor);
}

}  // namespace chatflow::bench
