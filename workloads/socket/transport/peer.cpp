#include "workloads/socket/transport/peer.hpp"

#include <cerrno>
#include <utility>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace chatflow::socket {
namespace {

// Behind a request that waits for its answer; more is no browser.
constexpr std::size_t kPipelinedBytesMax = 64 * 1024;
// An idle connection keeps no larger buffers: those within the string itself.
constexpr std::size_t kKeptBytes = 32;

bool is_temporary(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

Peer::Peer(int descriptor, std::uint64_t id, std::string remote, Poller& poller, PeerOwner& owner,
           const http::Limits& limits)
    : owner_(owner),
      poller_(poller),
      limits_(limits),
      remote_(std::move(remote)),
      since_(std::chrono::steady_clock::now()),
      id_(id),
      descriptor_(descriptor),
      events_(EPOLLIN | EPOLLRDHUP) {
    poller_.add(descriptor_, events_, *this);
}

Peer::~Peer() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void Peer::on_ready(std::uint32_t events) {
    if (mode_ == Mode::Gone) return;
    if ((events & EPOLLOUT) != 0) {
        flush();
        if (mode_ == Mode::Gone) return;
        if (output_.empty() && wants_writable_) owner_.on_writable(*this);
    }
    if (mode_ == Mode::Gone) return;
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) read();
}

void Peer::read() {
    const auto buffer = owner_.read_buffer();
    const ssize_t count = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (count < 0 && is_temporary(errno)) return;
    if (count <= 0) return close();
    const auto bytes = buffer.first(static_cast<std::size_t>(count));
    switch (mode_) {
        case Mode::Http:
            take_http({bytes.data(), bytes.size()});
            break;
        case Mode::WebSocket:
            take_websocket(bytes);
            break;
        case Mode::Closing:  // whatever it says now does not matter
        case Mode::Gone:
            break;
    }
}

void Peer::take_http(std::string_view bytes) {
    input_ += bytes;
    std::size_t taken = 0;
    is_reading_ = true;
    while (mode_ == Mode::Http && !is_busy_ && taken < input_.size()) {
        if (!parser_) {
            parser_ = std::make_unique<http::RequestParser>(limits_);
            since_ = std::chrono::steady_clock::now();
        }
        const std::size_t step = parser_->feed(std::string_view(input_).substr(taken));
        taken += step;
        const auto state = parser_->state();
        if (state == http::RequestParser::State::Refused) {
            is_busy_ = true;
            closes_after_response_ = true;
            const http::Response refusal = parser_->refusal();
            respond(refusal);
            break;
        }
        if (state == http::RequestParser::State::Complete) {
            is_busy_ = true;
            closes_after_response_ = !parser_->keep_alive();
            owner_.on_request(*this);
        } else if (step == 0) {
            break;
        }
    }
    is_reading_ = false;
    if (mode_ == Mode::Gone) return;
    input_.erase(0, taken);
    if (input_.empty()) std::string().swap(input_);
    if (mode_ == Mode::WebSocket && !input_.empty()) {
        take_websocket({});
    } else if (is_busy_ && input_.size() > kPipelinedBytesMax) {
        close();
    }
}

void Peer::take_websocket(std::span<char> bytes) {
    std::string held;
    if (!input_.empty()) {
        held = std::exchange(input_, {});
        held.append(bytes.data(), bytes.size());
        bytes = held;
    }
    Inflater* const inflater = deflates_ ? &owner_.inflater() : nullptr;
    while (mode_ == Mode::WebSocket) {
        const WebSocketEvent event = reader_.next(bytes, owner_.message_max(), inflater);
        if (event.kind == WebSocketEvent::Kind::NeedMore && event.size == 0) break;
        if (event.kind != WebSocketEvent::Kind::NeedMore) owner_.on_websocket(*this, event);
        if (event.size == 0) break;  // refused
        bytes = bytes.subspan(event.size);
    }
    if (mode_ == Mode::WebSocket && !bytes.empty()) input_.assign(bytes.data(), bytes.size());
}

void Peer::respond(const http::Response& response) {
    if (mode_ != Mode::Http || !is_busy_) return;
    const auto& request = parser_->request();
    http::append_response(output_, response,
                          {.keep_alive = !closes_after_response_ && !response.close,
                           .is_http_1_0 = request.is_http_1_0,
                           .head_only = request.method == http::Method::Head});
    is_busy_ = false;
    since_ = std::chrono::steady_clock::now();
    if (closes_after_response_ || response.close) return close_soon({});
    parser_->reset();
    flush();
    // What was sent behind a request that had to wait.
    if (mode_ == Mode::Http && !is_reading_ && !input_.empty()) take_http({});
}

void Peer::respond_raw(std::string_view response) {
    if (mode_ == Mode::Http && is_busy_) close_soon(response);
}

void Peer::upgrade(std::string_view accept, std::string_view extensions) {
    output_ += "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    output_ += "Sec-WebSocket-Accept: ";
    output_ += accept;
    if (!extensions.empty()) (output_ += "\r\nSec-WebSocket-Extensions: ") += extensions;
    deflates_ = !extensions.empty();
    output_ += "\r\n\r\n";
    mode_ = Mode::WebSocket;
    is_busy_ = false;
    since_ = std::chrono::steady_clock::now();
    parser_.reset();
    flush();
}

std::size_t Peer::write(std::span<const iovec> parts) {
    if (!output_.empty()) flush();
    const std::size_t written = try_write(parts);
    if (written == 0 && mode_ != Mode::Gone && !is_temporary(errno)) close();
    return written;
}

std::size_t Peer::try_write(std::span<const iovec> parts) {
    errno = EAGAIN;
    if (!output_.empty() || mode_ == Mode::Gone) return 0;
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts.data());  // NOLINT: sendmsg only reads
    message.msg_iovlen = parts.size();
    const ssize_t count = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
    return count < 0 ? 0 : static_cast<std::size_t>(count);
}

void Peer::put(std::string_view bytes) {
    output_ += bytes;
    flush();
}

void Peer::flush() {
    while (!output_.empty()) {
        const ssize_t count = ::send(descriptor_, output_.data(), output_.size(), MSG_NOSIGNAL);
        if (count < 0) {
            if (!is_temporary(errno)) return close();
            break;
        }
        output_.erase(0, static_cast<std::size_t>(count));
    }
    if (output_.empty() && output_.capacity() > kKeptBytes) std::string().swap(output_);
    if (output_.empty() && mode_ == Mode::Closing) ::shutdown(descriptor_, SHUT_WR);
    set_events();
}

void Peer::want_writable(bool wanted) {
    wants_writable_ = wanted;
    set_events();
}

void Peer::set_events() {
    const bool writes = !output_.empty() || wants_writable_;
    const std::uint32_t wanted = writes ? EPOLLIN | EPOLLRDHUP | EPOLLOUT : EPOLLIN | EPOLLRDHUP;
    if (mode_ == Mode::Gone || wanted == events_) return;
    events_ = wanted;
    poller_.change(descriptor_, events_, *this);
}

void Peer::close_soon(std::string_view last_words) {
    if (mode_ == Mode::Gone || mode_ == Mode::Closing) return;
    mode_ = Mode::Closing;
    is_busy_ = false;
    wants_writable_ = false;
    since_ = std::chrono::steady_clock::now();
    output_ += last_words;
    flush();
}

void Peer::close() {
    if (mode_ == Mode::Gone) return;
    mode_ = Mode::Gone;
    poller_.remove(descriptor_);
    ::close(std::exchange(descriptor_, -1));
    owner_.on_gone(*this);
}

}  // namespace chatflow::socket
