#include "libs/redis/session.hpp"

#include "libs/redis/errors.hpp"
#include "libs/redis/reply_reader.hpp"
#include "libs/redis/script.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

namespace chatflow::redis {
namespace {

// Memory that a burst took is given back above this.
constexpr std::size_t kKeptBufferBytes = 1U << 20U;

}  // namespace

Session::Session(asio::any_io_executor executor, Options options,
                 std::unique_ptr<Connection> connection)
    : executor_(executor),
      options_(std::move(options)),
      connection_(std::move(connection)),
      expiry_(executor, Deadline::Clock::time_point::max()),
      last_heard_(Deadline::Clock::now()) {}

void Session::admit(const Command& command) const {
    if (!closed_by_.empty()) throw Unavailable(closed_by_);
    if (in_flight_.size() >= options_.in_flight_max) {
        throw Overloaded(std::to_string(options_.in_flight_max) + " calls wait already");
    }
    if (unsent_.size() + command.bytes().size() > options_.unsent_bytes_max) {
        throw Overloaded(std::to_string(options_.unsent_bytes_max) + " bytes are unsent already");
    }
}

void Session::start(const Command& command, Deadline deadline, Handler handler) {
    try {
        admit(command);
    } catch (const Error&) {
        // Posted: an initiating function must not call its handler.
        auto refuse = [error = std::current_exception(), handler = std::move(handler)]() mutable {
            std::move(handler)(error, Reply{});
        };
        asio::post(executor_, std::move(refuse));
        return;
    }
    unsent_ += command.bytes();
    // Silence is counted from when an answer is first owed.
    if (in_flight_.empty()) last_heard_ = Deadline::Clock::now();
    in_flight_.push_back({std::move(handler), deadline});
    if (deadline.moment() < expiry_.expiry()) watch(deadline);
    if (!flush_is_due_) {
        flush_is_due_ = true;
        asio::post(executor_, [self = shared_from_this()] { self->flush(); });
    }
}

void Session::load_script_of(const Command& command, Deadline deadline) {
    const Script* const script = command.script();
    if (script == nullptr || !loaded_.insert(script->digest()).second) return;
    start(Command{"SCRIPT", "LOAD", script->source()}, deadline,
          [](const std::exception_ptr&, const Reply&) {});
}

void Session::flush() {
    flush_is_due_ = false;
    if (!writing_.empty() || unsent_.empty() || !closed_by_.empty()) return;
    std::swap(writing_, unsent_);
    const auto done = [self = shared_from_this()](const boost::system::error_code& error,
                                                  std::size_t) { self->written(error); };
    connection_->stream().start_write(writing_, done);
}

void Session::written(const boost::system::error_code& error) {
    if (writing_.capacity() > kKeptBufferBytes) writing_.shrink_to_fit();
    writing_.clear();
    if (error) {
        close(error.message());
        return;
    }
    flush();
}

awaitable<void> Session::run() {
    const auto self = shared_from_this();
    try {
        for (;;) {
            while (auto reply = connection_->reader().next()) deliver(std::move(*reply));
            const auto size = co_await connection_->stream().read_some(asio::buffer(read_buffer_));
            last_heard_ = Deadline::Clock::now();
            connection_->reader().feed({read_buffer_.data(), size});
        }
    } catch (const boost::system::system_error& error) {
        close(error.code() == asio::error::eof ? "the server closed the connection"
                                               : error.code().message());
    } catch (const ProtocolError& error) {
        close(error.what());
    }
    fail_all();
    const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (cancelled != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    throw Unavailable(closed_by_);
}

void Session::deliver(Reply reply) {
    if (in_flight_.empty()) throw ProtocolError("a reply came that nobody asked for");
    auto handler = std::move(in_flight_.front().handler);
    in_flight_.pop_front();
    if (!handler) return;
    if (reply.is_error()) {
        const std::string text(reply.error_text());
        std::move(handler)(std::make_exception_ptr(ServerError(text)), Reply{});
    } else {
        std::move(handler)(nullptr, std::move(reply));
    }
}

// One timer for all calls: nearly always the next call has been answered long before it fires.
void Session::watch(Deadline deadline) {
    expiry_.expires_at(deadline.moment());
    expiry_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (!error) self->expire();
    });
}

void Session::expire() {
    const auto now = Deadline::Clock::now();
    expiry_.expires_at(Deadline::Clock::time_point::max());
    std::deque<Handler> late;
    auto next = Deadline::Clock::time_point::max();
    for (Call& call : in_flight_) {
        if (!call.handler) continue;
        if (call.deadline.moment() <= now) {
            late.push_back(std::exchange(call.handler, nullptr));
        } else {
            next = std::min(next, call.deadline.moment());
        }
    }
    if (next != Deadline::Clock::time_point::max()) watch(Deadline::at(next));
    if (!late.empty() && now - last_heard_ >= options_.silence_max) {
        close("the server has been silent for " + std::to_string(options_.silence_max.count()) +
              " ms");
    }
    for (Handler& handler : late) {
        const Timeout error("no reply within the deadline");
        std::move(handler)(std::make_exception_ptr(error), Reply{});
    }
}

void Session::close(const std::string& reason) {
    if (!closed_by_.empty()) return;
    closed_by_ = reason;
    connection_->close();  // run() wakes up and fails the calls
}

void Session::fail_all() {
    expiry_.cancel();
    auto failed = std::exchange(in_flight_, {});
    for (Call& call : failed) {
        if (!call.handler) continue;
        std::move(call.handler)(std::make_exception_ptr(Unavailable(closed_by_)), Reply{});
    }
}

}  // namespace chatflow::redis
