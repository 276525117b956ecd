#include "libs/http/session.hpp"

#include "libs/base/exception_text.hpp"
#include "libs/http/body_source.hpp"
#include "libs/http/problem.hpp"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <string_view>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace chatflow::http {
namespace {

using std::chrono::steady_clock;
using tcp = asio::ip::tcp;

constexpr std::size_t kInputFirst = 4 * 1024;   // most requests fit; idle connections stay small
constexpr std::size_t kInputSlack = 4 * 1024;   // beyond the largest header
constexpr std::size_t kOutputHeld = 64 * 1024;  // pipelined responses are sent together up to this
constexpr std::size_t kOutputKept = 64 * 1024;  // capacity that stays with the connection
constexpr std::size_t kLingerBytes = 256 * 1024;
constexpr int kFailedFrom = 400;  // statuses
constexpr std::chrono::seconds kLingerTime{2};

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

// A client's trace goes on. Nobody asks for that of a read that succeeds, so it costs nothing.
void take_trace(Request& request, bool is_wanted) {
    if (const auto given = request.header(kTraceparent)) {
        if (const auto parent = parse_traceparent(*given)) {
            request.trace = next_span(*parent);
            request.is_trace_given = true;
            return;
        }
    }
    const bool is_read = request.method == Method::Get || request.method == Method::Head ||
                         request.method == Method::Options;
    if (is_wanted || !is_read) request.trace = begin_trace();
}

// One more for as long as it lives.
class Counted {
 public:
    explicit Counted(std::size_t& count) : count_(count) { ++count_; }
    ~Counted() { --count_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

 private:
    std::size_t& count_;
};

/// The empty one is the last.
std::string chunk_of(std::string_view piece) {
    return fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
}

std::string address_of(const tcp::socket& socket) {
    boost::system::error_code ec;
    const auto endpoint = socket.remote_endpoint(ec);
    if (ec) return {};
    const auto address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    }
    return address.to_string();
}

}  // namespace

Server::Session::Session(Server& server, tcp::socket socket)
    : server_(server),
      socket_(std::move(socket)),
      remote_(address_of(socket_)),
      parser_(server.options_.limits),
      input_(kInputFirst, '\0') {
    boost::system::error_code ec;
    socket_.non_blocking(true, ec);  // for flush()
}

awaitable<void> Server::Session::run() {
    while (keep_alive_ && co_await read_request()) {
        if (parser_.state() == RequestParser::State::Refused) {
            Response refusal = parser_.refusal();
            finish(refusal);
            append(refusal);
            if (server_.options_.hooks.observe) {
                server_.options_.hooks.observe({parser_.request(), parser_.refusal().status, {}});
            }
        } else {
            co_await answer();
        }
        parser_.reset();
        release_large_body();
        const bool next_is_here = keep_alive_ && begin_ != end_;
        if (!next_is_here || output_.size() >= kOutputHeld) {
            if (!co_await flush()) co_return;
        }
    }
    co_await linger();
}

/// False: the connection is over, and nothing is left to say.
awaitable<bool> Server::Session::read_request() {
    const Limits& limits = server_.options_.limits;
    bool continued = false;
    enter(Phase::Idle, limits.idle_time);
    while (true) {
        begin_ += parser_.feed(std::string_view(input_).substr(begin_, end_ - begin_));
        const auto state = parser_.state();
        if (state == RequestParser::State::Complete || state == RequestParser::State::Refused) {
            co_return true;
        }
        if (state == RequestParser::State::InHeader && phase_ == Phase::Idle) {
            enter(Phase::Header, limits.header_time);
        } else if (state == RequestParser::State::InBody && phase_ != Phase::Body) {
            if (auto refused = refuse_large_body()) {
                keep_alive_ = false;
                finish(*refused);
                append(*refused);
                (void)co_await flush();
                co_return false;
            }
            enter(Phase::Body, holds_large_body_ ? limits.large_body_time : limits.body_time);
        }
        if (!output_.empty() && !co_await flush()) co_return false;
        if (parser_.expects_continue() && !continued) {
            continued = true;
            output_ = "HTTP/1.1 100 Continue\r\n\r\n";
            if (!co_await flush()) co_return false;
        }
        if (state == RequestParser::State::BeforeRequest && server_.stopping_) co_return false;
        if (!co_await read_more()) {
            if (!is_overdue_ || phase_ == Phase::Idle) co_return false;
            keep_alive_ = false;
            append(problem(408, "the request did not arrive in time"));
            (void)co_await flush();
            co_return false;
        }
    }
}

// Large bodies are memory that clients ask for: few at once, and only of those who may.
std::optional<Response> Server::Session::refuse_large_body() {
    if (!parser_.is_large_body_allowed()) return std::nullopt;
    if (server_.large_bodies_ >= server_.options_.limits.large_bodies) {
        Response response = problem(503, "too many large requests at once; try again");
        response.headers.emplace_back("Retry-After", "1");
        return response;
    }
    const Hooks& hooks = server_.options_.hooks;
    if (hooks.admit_large) {
        parser_.request().remote = remote_;
        if (auto refused = hooks.admit_large(parser_.request())) return refused;
    }
    holds_large_body_ = true;
    ++server_.large_bodies_;
    return std::nullopt;
}

void Server::Session::release_large_body() {
    if (holds_large_body_) --server_.large_bodies_;
    holds_large_body_ = false;
}

awaitable<bool> Server::Session::read_more() {
    make_room();
    if (end_ == input_.size()) co_return false;  // the parser takes nothing of a full buffer
    const auto [error, count] = co_await socket_.async_read_some(
        asio::buffer(input_.data() + end_, input_.size() - end_), kNoThrow);
    end_ += count;
    co_return !error;
}

void Server::Session::make_room() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ < input_.size()) return;
    if (begin_ > 0) {
        std::copy(input_.begin() + static_cast<std::ptrdiff_t>(begin_),
                  input_.begin() + static_cast<std::ptrdiff_t>(end_), input_.begin());
        end_ -= begin_;
        begin_ = 0;
        return;
    }
    const auto largest = server_.options_.limits.header_bytes + kInputSlack;
    input_.resize(std::min(input_.size() * 2, std::max(largest, input_.size())));
}

awaitable<void> Server::Session::answer() {
    const Limits& limits = server_.options_.limits;
    Request& request = parser_.request();
    const auto started = steady_clock::now();
    request.remote = remote_;
    request.deadline = Deadline::at(started + limits.handler_time);
    take_trace(request, server_.options_.trace_reads);
    enter(Phase::Answer, {});
    keep_alive_ = parser_.keep_alive() && !server_.stopping_;

    Response response;
    if (server_.running_requests_ >= limits.running_requests) {
        response = problem(503, "too many requests at once; try again");
        response.headers.emplace_back("Retry-After", "1");
    } else if (const Handler* handler = server_.router_.find(request, response)) {
        response = co_await run_handler(*handler);
    }
    if (response.source && server_.streams_ >= limits.streams) {
        response = problem(503, "too many downloads at once; try again");
        response.headers.emplace_back("Retry-After", "1");
    }
    finish(response);
    // Who does not know chunks learns by the end of the connection that this is all.
    const bool ends_by_closing = response.source && !response.source->size() && request.is_http_1_0;
    if (response.close || ends_by_closing || server_.stopping_) keep_alive_ = false;
    append(response);
    if (server_.options_.hooks.observe) {
        server_.options_.hooks.observe({request, response.status, steady_clock::now() - started});
    }
    const auto source = std::move(response.source);
    if (source && request.method != Method::Head) co_await stream(*source);
}

void Server::Session::finish(Response& response) {
    const auto& finish = server_.options_.hooks.finish;
    Request& request = parser_.request();
    if (response.status >= kFailedFrom && !request.trace) request.trace = begin_trace();
    if (request.trace) {
        response.headers.emplace_back("traceresponse", to_traceparent(*request.trace));
    }
    if (finish) finish(request, response);
}

awaitable<Response> Server::Session::run_handler(const Handler& handler) {
    Request& request = parser_.request();
    const Hooks& hooks = server_.options_.hooks;
    const Counted running(server_.running_requests_);
    if (hooks.admit) {
        if (auto refused = hooks.admit(request)) co_return std::move(*refused);
    }
    std::exception_ptr error;
    try {
        co_return co_await handler(request);
    } catch (...) {
        error = std::current_exception();
    }
    const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (cancelled != asio::cancellation_type::none) std::rethrow_exception(error);
    if (!request.trace) request.trace = begin_trace();  // the log line names it
    if (hooks.on_exception) co_return hooks.on_exception(request, error);
    server_.log_.error("Request failed", {{"method", name_of(request.method)},
                                          {"route", request.route},
                                          {"trace_id", request.trace->trace_id},
                                          {"error", what_of(error)}});
    co_return problem(500, "the server could not answer this request");
}

// One piece is in memory at a time. A body that ends before its length, or is not taken in time,
// ends the connection, which is how the peer learns of it.
awaitable<void> Server::Session::stream(BodySource& source) {
    const Counted streaming(server_.streams_);
    const auto end = Deadline::after(server_.options_.limits.stream_time);
    const auto size = source.size();
    const bool in_chunks = !size && !parser_.request().is_http_1_0;
    std::uint64_t sent = 0;
    bool is_whole = size == 0;
    std::string failure;
    try {
        while (!is_whole && !end.has_passed() && co_await flush()) {
            std::string piece = co_await source.next();
            sent += piece.size();
            if (size && (piece.empty() || sent > *size)) break;
            is_whole = size ? sent == *size : piece.empty();
            output_ = in_chunks ? chunk_of(piece) : std::move(piece);
        }
    } catch (const std::exception& error) {
        failure = error.what();
    }
    const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (!failure.empty() && cancelled == asio::cancellation_type::none) {
        server_.log_.error("A response was cut off",
                           {{"route", parser_.request().route}, {"error", failure}});
    }
    if (is_whole) co_return;
    output_.clear();
    keep_alive_ = false;
}

void Server::Session::append(const Response& response) {
    if (response.close) keep_alive_ = false;
    const Request& request = parser_.request();
    append_response(output_, response,
                    {.keep_alive = keep_alive_,
                     .is_http_1_0 = request.is_http_1_0,
                     .head_only = request.method == Method::Head,
                     .date = server_.date()});
}

/// False when the peer no longer takes anything.
awaitable<bool> Server::Session::flush() {
    if (output_.empty()) co_return true;
    // Nearly always there is room for all of it at once; waiting costs a turn of the event loop.
    boost::system::error_code error;
    const std::size_t sent = socket_.write_some(asio::buffer(output_), error);
    if (error == asio::error::would_block) error.clear();
    if (!error && sent < output_.size()) error = co_await write_from(sent);
    output_.clear();
    if (output_.capacity() > kOutputKept) output_.shrink_to_fit();
    co_return !error;
}

awaitable<boost::system::error_code> Server::Session::write_from(std::size_t sent) {
    const Phase before = phase_;
    const auto end_before = phase_end_;
    is_overdue_ = false;
    enter(Phase::Write, server_.options_.limits.write_time);
    const auto [error, count] =
        co_await asio::async_write(socket_, asio::buffer(output_) + sent, kNoThrow);
    phase_ = before;
    phase_end_ = end_before;
    co_return error;
}

/// A close while the peer still sends would reset the connection and could lose the last response
/// on its way, so what comes is read over for a moment.
awaitable<void> Server::Session::linger() {
    boost::system::error_code ec;
    socket_.shutdown(tcp::socket::shutdown_send, ec);
    if (ec) co_return;
    enter(Phase::Idle, kLingerTime);
    for (std::size_t seen = 0; seen < kLingerBytes;) {
        const auto [error, count] =
            co_await socket_.async_read_some(asio::buffer(input_), kNoThrow);
        if (error) co_return;
        seen += count;
    }
}

void Server::Session::enter(Phase phase, std::chrono::seconds limit) {
    phase_ = phase;
    phase_end_ =
        phase == Phase::Answer ? steady_clock::time_point::max() : steady_clock::now() + limit;
}

void Server::Session::end_overdue_phase(steady_clock::time_point now) {
    if (now < phase_end_) return;
    // The next sweep cancels again: an operation that has just completed does not see this one.
    is_overdue_ = true;
    boost::system::error_code ec;
    socket_.cancel(ec);
}

void Server::Session::close_if_idle() {
    if (phase_ != Phase::Idle) return;
    boost::system::error_code ec;
    socket_.cancel(ec);
}

}  // namespace chatflow::http
