#include "libs/redis/client.hpp"

#include "libs/async/task_group.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/redis/cluster.hpp"
#include "libs/redis/connection.hpp"
#include "libs/redis/errors.hpp"
#include "libs/redis/sentinel.hpp"
#include "libs/redis/session.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include <boost/asio/async_result.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace chatflow::redis {
namespace {

// 50 to 100 % of the step: clients that lost the same server must not come back in step.
std::chrono::milliseconds with_jitter(std::chrono::milliseconds step) {
    thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<std::int64_t> share(step.count() / 2, step.count());
    return std::chrono::milliseconds(share(random));
}

awaitable<void> sleep(std::chrono::milliseconds time) { return sleep_until(Deadline::after(time)); }

Command eval_command(std::string_view verb, const std::string& script,
                     std::span<const std::string> keys, std::span<const std::string> arguments) {
    const std::string key_count = std::to_string(keys.size());
    std::vector<std::string_view> words{verb, script, key_count};
    words.insert(words.end(), keys.begin(), keys.end());
    words.insert(words.end(), arguments.begin(), arguments.end());
    return Command(std::span<const std::string_view>(words));
}

}  // namespace

Client::Client(asio::any_io_executor executor, Options options, Log log)
    : executor_(executor),
      options_(std::move(options)),
      log_(std::move(log)),
      connected_(executor) {
    if (options_.discovery == Discovery::Cluster) {
        cluster_ = std::make_unique<Cluster>(executor_, options_, log_);
    }
}

Client::~Client() = default;

awaitable<void> Client::run() {
    if (cluster_) co_await cluster_->run();
    auto step = options_.backoff_min;
    for (;;) {
        const auto made_before = connections_made_;
        try {
            co_await serve_one_connection();
        } catch (const Error& error) {
            // Told once per outage, not once per attempt.
            if (last_error_ != error.what()) {
                log_.warning("Redis is not reachable", {{"error", error.what()}});
            }
            last_error_ = error.what();
        }
        step = connections_made_ > made_before ? options_.backoff_min
                                               : std::min(step * 2, options_.backoff_max);
        co_await sleep(with_jitter(step));
    }
}

awaitable<void> Client::serve_one_connection() {
    auto connection = co_await Connection::open(options_);
    const Address server = connection->address();
    auto session = std::make_shared<Session>(executor_, options_, std::move(connection));
    session_ = session;
    ++connections_made_;
    last_error_.clear();
    log_.info("Connected to Redis", {{"host", server.host}, {"port", server.port}});
    connected_.notify_all();

    TaskGroup pinging(executor_, [](const std::exception_ptr&) {});
    pinging.spawn(ping_while(session));
    if (options_.discovery == Discovery::Sentinel) pinging.spawn(follow_master(session, server));
    std::exception_ptr end;
    try {
        co_await session->run();
    } catch (...) {
        end = std::current_exception();
    }
    session_.reset();
    pinging.cancel();
    // Also when this coroutine is being cancelled: the group must be empty before it goes.
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await pinging.join();
    co_await asio::this_coro::throw_if_cancelled(true);
    std::rethrow_exception(end);
}

awaitable<void> Client::ping_while(std::shared_ptr<Session> session) {
    for (;;) {
        co_await sleep(options_.ping_interval);
        if (session->in_flight() > 0) continue;
        try {
            co_await call(Command{"PING"}, Deadline::after(options_.silence_max));
        } catch (const Timeout&) {
            session->close("the server did not answer a ping");
        }
    }
}

awaitable<void> Client::follow_master(std::shared_ptr<Session> session, Address master) {
    co_await wait_for_switch(options_, master);
    session->close("another server is the master now");
}

awaitable<Reply> Client::call(Command command, Deadline deadline) {
    if (cluster_) co_return co_await cluster_->call(std::move(command), deadline);
    if (options_.discovery != Discovery::Sentinel) co_return co_await send(command, deadline);
    const auto session = session_;
    try {
        co_return co_await send(command, deadline);
    } catch (const ServerError& error) {
        // The master that we knew has become a replica and nobody has told us yet.
        if (error.code() == "READONLY" && session) session->close(error.what());
        throw;
    }
}

awaitable<Reply> Client::call_after(Command first, Command command, Deadline deadline) {
    if (!session_) throw NotSent("no connection to Redis: " + last_error_);
    // Nothing may come between the two.
    session_->load_script_of(command, deadline);
    session_->start(first, deadline, [](const std::exception_ptr&, const Reply&) {});
    co_return co_await send(command, deadline);
}

awaitable<Reply> Client::send(const Command& command, Deadline deadline) {
    if (!session_) throw NotSent("no connection to Redis: " + last_error_);
    auto initiate = [](auto handler, Session* session, const Command* to_send, Deadline until) {
        session->load_script_of(*to_send, until);
        session->start(*to_send, until, std::move(handler));
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&,
                                            void(std::exception_ptr, Reply)>(
        initiate, asio::use_awaitable, session_.get(), &command, deadline);
}

awaitable<Reply> Client::eval(const Script& script, std::span<const std::string> keys,
                              std::span<const std::string> arguments, Deadline deadline) {
    auto by_digest = eval_command("EVALSHA", script.digest(), keys, arguments);
    by_digest.needs(script);
    try {
        co_return co_await call(std::move(by_digest), deadline);
    } catch (const ServerError& error) {
        if (error.code() != "NOSCRIPT") throw;
    }
    co_return co_await call(eval_command("EVAL", script.source(), keys, arguments), deadline);
}

awaitable<void> Client::wait_until_connected(Deadline deadline) {
    if (cluster_) {
        co_await cluster_->wait_until_connected(deadline);
    } else {
        co_await with_deadline(wait_for_connection(), deadline, "connecting to Redis");
    }
}

awaitable<void> Client::wait_for_connection() {
    while (!is_connected()) co_await connected_.wait();
}

bool Client::is_connected() const {
    return cluster_ ? cluster_->is_connected() : session_ != nullptr;
}

const std::string& Client::last_error() const {
    return cluster_ ? cluster_->last_error() : last_error_;
}

std::uint64_t Client::connections_made() const {
    return cluster_ ? cluster_->connections_made() : connections_made_;
}

std::size_t Client::in_flight() const {
    if (cluster_) return cluster_->in_flight();
    return session_ ? session_->in_flight() : 0;
}

std::optional<Options> Client::options_for(std::string_view key) const {
    if (!cluster_) return options_;
    const auto address = cluster_->address_of(key);
    return address ? std::optional(options_.directly_at(*address)) : std::nullopt;
}

}  // namespace chatflow::redis
