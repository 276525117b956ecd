#include "workloads/socket/transport/engine.hpp"

#include "workloads/socket/transport/write_pace.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace chatflow::socket {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr int kAcceptsPerRound = 64;
constexpr int kBacklog = 4096;
constexpr std::chrono::nanoseconds kGatherLeast = 1ms;
constexpr std::chrono::nanoseconds kDrainRound = 50ms;

std::chrono::nanoseconds thread_cpu_time() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

void check(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::system_category(), what);
}

struct Endpoint {
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_storage);

    [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }        // NOLINT
    [[nodiscard]] sockaddr_in& v4() { return reinterpret_cast<sockaddr_in&>(storage); }    // NOLINT
    [[nodiscard]] sockaddr_in6& v6() { return reinterpret_cast<sockaddr_in6&>(storage); }  // NOLINT
};

Endpoint endpoint_of(const std::string& address, std::uint16_t port) {
    Endpoint endpoint;
    if (::inet_pton(AF_INET, address.c_str(), &endpoint.v4().sin_addr) == 1) {
        endpoint.storage.ss_family = AF_INET;
        endpoint.v4().sin_port = htons(port);
        endpoint.size = sizeof(sockaddr_in);
    } else if (::inet_pton(AF_INET6, address.c_str(), &endpoint.v6().sin6_addr) == 1) {
        endpoint.storage.ss_family = AF_INET6;
        endpoint.v6().sin6_port = htons(port);
        endpoint.size = sizeof(sockaddr_in6);
    } else {
        throw std::system_error(EINVAL, std::system_category(), "not an address: " + address);
    }
    return endpoint;
}

std::string address_text(Endpoint& endpoint) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const bool is_v6 = endpoint.storage.ss_family == AF_INET6;
    const void* bytes = &endpoint.v4().sin_addr;
    if (is_v6) bytes = &endpoint.v6().sin6_addr;
    ::inet_ntop(endpoint.storage.ss_family, bytes, text.data(), text.size());
    const std::string_view address = text.data();
    constexpr std::string_view kMapped = "::ffff:";
    const bool is_mapped = is_v6 && address.starts_with(kMapped) && address.contains('.');
    return std::string(is_mapped ? address.substr(kMapped.size()) : address);
}

}  // namespace

Engine::Engine(EngineOptions options)
    : options_(std::move(options)), limits_(options_.http_limits()), buffer_(kReadBytes) {
    if (options_.deflates) {
        inflater_ = std::make_unique<Inflater>();
        deflater_ = std::make_unique<Deflater>();
    }
    listen();
    poller_.add(flush_timer_.descriptor(), EPOLLIN, flush_hook_);
    poller_.add(sweep_timer_.descriptor(), EPOLLIN, sweep_hook_);
    sweep_timer_.expire_after(sweep_interval().count());
}

Engine::~Engine() {
    for (auto& [id, peer] : peers_) peer->session = nullptr;
    if (listener_ >= 0) ::close(listener_);
}

void Engine::listen() {
    Endpoint endpoint = endpoint_of(options_.address, options_.port);
    listener_ = ::socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    check(listener_, "socket");
    const int yes = 1;
    const int no = 0;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (endpoint.storage.ss_family == AF_INET6) {
        ::setsockopt(listener_, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    }
    check(::bind(listener_, endpoint.get(), endpoint.size), "bind");
    check(::listen(listener_, kBacklog), "listen");
    Endpoint bound;
    check(::getsockname(listener_, bound.get(), &bound.size), "getsockname");
    port_ = ntohs(bound.storage.ss_family == AF_INET6 ? bound.v6().sin6_port : bound.v4().sin_port);
    poller_.add(listener_, EPOLLIN, accept_hook_);
}

void Engine::serve(std::string path, Dialect dialect, SessionListener& listener) {
    routes_.push_back({.path = std::move(path), .dialect = dialect, .listener = &listener});
}

void Engine::round() {
    poller_.round();
    free_the_dead();
}

void Engine::accept() {
    for (int i = 0; i < kAcceptsPerRound; ++i) {
        Endpoint endpoint;
        const int descriptor =
            ::accept4(listener_, endpoint.get(), &endpoint.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) {
            // Without descriptors the socket stays readable: look again with the next sweep.
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                poller_.remove(listener_);
                is_full_ = true;
            }
            return;
        }
        const int yes = 1;
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        const auto id = ++next_peer_;
        PeerOwner& owner = *this;
        peers_.emplace(id, std::make_unique<Peer>(descriptor, id, address_text(endpoint), poller_,
                                                  owner, limits_));
    }
}

void Engine::free_the_dead() {
    dead_peers_.clear();
    // One that is still in a list is freed after the next flush.
    std::erase_if(dead_sessions_, [](const auto& session) { return !session->is_dirty_; });
}

void Engine::push(Session& session, Packet packet) {
    if (session.is_closed_ || session.is_slow_) return;
    const bool is_packed = session.socket_ != nullptr && session.socket_->deflates() &&
                           packet.is_message() && packet.size() >= options_.deflate_threshold;
    if (is_packed) {
        packet = packet.deflated(*deflater_);
        ++figures_.deflated;
    }
    auto result = session.outbox_.push(packet, options_.queue_bytes);
    if (result == Outbox::Result::Full && relieve(session)) {
        result = session.outbox_.push(std::move(packet), options_.queue_bytes);
    }
    switch (result) {
        case Outbox::Result::Queued:
            break;
        case Outbox::Result::Dropped:
            ++figures_.dropped;
            return;
        case Outbox::Result::Full:
            session.is_slow_ = true;
            slow_.push_back(&session);
            break;
    }
    if (std::exchange(session.is_dirty_, true)) return;
    if (dirty_.empty()) {
        dirty_since_ = std::chrono::steady_clock::now();
        const auto rest = std::chrono::nanoseconds(next_flush_ - dirty_since_);
        flush_timer_.expire_after(std::max<std::chrono::nanoseconds>(rest, kGatherLeast).count());
    }
    dirty_.push_back(&session);
}

void Engine::flush_all() {
    flush_timer_.reset();
    const auto begin = std::chrono::steady_clock::now();
    const auto cpu_begin = thread_cpu_time();
    for (Session* const session : std::exchange(slow_, {})) {
        if (!session->is_closed_) end(*session, CloseReason::TooSlow, CloseCode::TooSlow, "1");
    }
    const auto dirty = std::exchange(dirty_, {});
    for (Session* const session : dirty) {
        session->is_dirty_ = false;
        if (!session->is_closed_) flush(*session);
    }
    const auto now = std::chrono::steady_clock::now();
    const double waited = std::chrono::duration<double>(now - dirty_since_).count();
    const auto* const bound = std::ranges::lower_bound(kWaitBounds, waited);
    ++figures_.waits.at(static_cast<std::size_t>(bound - kWaitBounds.begin()));
    figures_.wait_seconds += waited;
    const auto cpu = thread_cpu_time();
    const WriteRound round{.took = now - begin,
                           .took_cpu = cpu - cpu_begin,
                           .period = now - flushed_at_,
                           .other_cpu = cpu_begin - flushed_at_cpu_};
    flushed_at_ = now;
    flushed_at_cpu_ = cpu;
    next_flush_ = now + rest_after(round, options_.gather_max);
}

std::chrono::nanoseconds Engine::sweep_interval() const {
    const auto& settings = options_.settings;
    const std::chrono::nanoseconds interval =
        std::min(settings.ping_interval, settings.ping_timeout) / 20;
    return std::clamp<std::chrono::nanoseconds>(interval, 10ms, is_draining_ ? kDrainRound : 1s);
}

void Engine::sweep_now() {
    sweep_timer_.expire_after(sweep_interval().count());
    if (std::exchange(is_full_, false)) poller_.add(listener_, EPOLLIN, accept_hook_);
    sweep(std::chrono::steady_clock::now());
}

void Engine::drain(std::chrono::steady_clock::duration time) {
    if (is_draining_) return;
    is_draining_ = true;
    drain_time_ = std::max<std::chrono::steady_clock::duration>(time, kDrainRound);
    drain_end_ = std::chrono::steady_clock::now() + time;
    drain_sessions_ = sessions_.size();
    sweep_timer_.expire_after(kDrainRound.count());
}

}  // namespace chatflow::socket
