#include "libs/postgres/pool.hpp"

#include "libs/postgres/errors.hpp"

#include <algorithm>

#include <pqxx/connection>
#include <pqxx/nontransaction>

namespace chatflow::postgres {
namespace {

using Outcome = PoolObserver::Outcome;

// How exactly deadlines are kept, while there are calls and while there are none.
constexpr std::chrono::milliseconds kSupervisionPeriod{20};
constexpr std::chrono::milliseconds kIdleSupervisionPeriod{100};
// A statement that outlived its caller gets this long to be ended by the server's own timeout.
constexpr std::chrono::seconds kGraceBeforeCut{1};
constexpr const char* kIsClosed = "the pool is being closed";

Outcome outcome_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const Unavailable&) {
        return Outcome::Unavailable;
    } catch (const Timeout&) {
        return Outcome::Timeout;
    } catch (const UniqueViolation&) {
        return Outcome::Conflict;
    } catch (const SerializationFailure&) {
        return Outcome::Conflict;
    } catch (const Error&) {
        return Outcome::Error;
    } catch (...) {
        return Outcome::Ok;  // the caller's own exception: the database did its part
    }
}

std::string message_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& failure) {
        std::string text = failure.what();
        while (text.ends_with('\n')) text.pop_back();
        return text;
    }
}

auto ask_for_life() {
    return [](pqxx::connection& connection) { pqxx::nontransaction(connection).exec("SELECT 1"); };
}

}  // namespace

Pool::Pool(Options options, PooledConnection::Prepare prepare, PoolObserver& observer, Log log)
    : options_(std::move(options)),
      prepare_(std::move(prepare)),
      observer_(observer),
      log_(std::move(log)) {
    for (std::size_t i = 0; i < options_.pool_size; ++i) {
        workers_.push_back(std::make_unique<Worker>(options_, prepare_));
    }
    for (auto& worker : workers_) {
        worker->thread = std::thread([this, &worker = *worker] { work(worker); });
    }
    supervisor_ = std::thread([this] { supervise(); });
}

Pool::~Pool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (const auto& call : waiting_) {
            call->answer(std::make_exception_ptr(Unavailable(kIsClosed)));
        }
        waiting_.clear();
        for (const auto& worker : workers_) {
            if (worker->running) worker->connection.cut();
        }
    }
    work_arrived_.notify_all();
    stops_.notify_all();
    supervisor_wakes_.notify_all();
    for (const auto& worker : workers_) worker->thread.join();
    supervisor_.join();
}

Pool::State Pool::state() const {
    const std::lock_guard lock(mutex_);
    State state{.available = healthy_.load(), .reason = reason_, .waiting = waiting_.size()};
    for (const auto& worker : workers_) {
        if (worker->connection.is_open()) ++state.open;
        if (worker->running) ++state.busy;
    }
    return state;
}

void Pool::submit(std::shared_ptr<Call> call) {
    std::unique_lock lock(mutex_);
    if (!available_ || stopping_) {
        const std::string reason = stopping_ ? kIsClosed : reason_;
        lock.unlock();
        refuse(call, Outcome::Unavailable, std::make_exception_ptr(Unavailable(reason)));
        return;
    }
    if (waiting_.size() >= options_.waiting_max) {
        lock.unlock();
        const Overloaded error(std::to_string(options_.waiting_max) + " calls wait already");
        refuse(call, Outcome::Overloaded, std::make_exception_ptr(error));
        return;
    }
    waiting_.push_back(std::move(call));
    const bool wake = idle_workers_ > 0;
    lock.unlock();
    if (wake) work_arrived_.notify_one();
}

void Pool::refuse(const std::shared_ptr<Call>& call, Outcome outcome,
                  const std::exception_ptr& error) {
    if (call->answer(error)) observer_.on_refusal(outcome);
}

void Pool::work(Worker& worker) {
    std::unique_lock lock(mutex_);
    for (;;) {
        ++idle_workers_;
        work_arrived_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        --idle_workers_;
        if (stopping_) return;
        worker.running = std::move(waiting_.front());
        waiting_.pop_front();
        const std::shared_ptr<Call> call = worker.running;
        lock.unlock();
        const bool is_done = call->is_answered() || carry_out(worker, *call);
        lock.lock();
        worker.running.reset();
        if (!is_done) leave_to_others(call, lock);
    }
}

// The server lives, so a connection that cannot be made is no failure of the call.
void Pool::leave_to_others(const std::shared_ptr<Call>& call, std::unique_lock<std::mutex>& lock) {
    if (stopping_) {
        call->answer(std::make_exception_ptr(Unavailable(kIsClosed)));
        return;
    }
    waiting_.push_front(call);
    work_arrived_.notify_one();
    stops_.wait_for(lock, options_.retry_interval, [this] { return stopping_; });
}

// False when the call was not begun, since this worker cannot connect while others are connected.
bool Pool::carry_out(Worker& worker, Call& call) {
    const auto taken = Deadline::Clock::now();
    std::exception_ptr error;
    bool connected = false;
    try {
        const bool was_open = worker.connection.is_open();
        pqxx::connection& connection = worker.connection.ready();
        connected = true;
        if (!was_open) observer_.on_connect(true);
        call.carry_out(connection);
    } catch (...) {
        error = translated(std::current_exception());
    }
    const Outcome outcome = error ? outcome_of(error) : Outcome::Ok;
    const bool lost = outcome == Outcome::Unavailable || !worker.connection.is_open();
    worker.connection.release(lost);
    if (!connected) {
        observer_.on_connect(false);
        if (others_are_open()) return false;
        set_unavailable(message_of(error));
        error = std::make_exception_ptr(Unavailable(message_of(error)));
    } else if (!lost) {
        note_success();
    }
    const auto done = Deadline::Clock::now();
    call.answer(error);
    observer_.on_call(connected ? outcome : Outcome::Unavailable, taken - call.since, done - taken);
    return true;
}

// Asked by a worker that has no connection of its own.
bool Pool::others_are_open() const {
    const auto is_open = [](const auto& worker) { return worker->connection.is_open(); };
    return std::ranges::any_of(workers_, is_open);
}

// ---- the supervisor: deadlines, and a server that went away --------------------------------

void Pool::supervise() {
    std::unique_lock lock(mutex_);
    auto next_look = Deadline::Clock::now();
    while (!stopping_) {
        const bool is_idle = waiting_.empty() && idle_workers_ == workers_.size();
        supervisor_wakes_.wait_for(lock, is_idle ? kIdleSupervisionPeriod : kSupervisionPeriod);
        if (stopping_) return;
        lock.unlock();
        expire_calls();
        check_server();
        if (Deadline::Clock::now() >= next_look) {
            look_for_server();
            next_look = Deadline::Clock::now() + options_.retry_interval;
        }
        lock.lock();
    }
}

void Pool::expire_calls() {
    const auto now = Deadline::Clock::now();
    std::vector<std::shared_ptr<Call>> unserved;
    std::vector<std::shared_ptr<Call>> unanswered;
    {
        const std::lock_guard lock(mutex_);
        const auto is_late = [&](const std::shared_ptr<Call>& call) {
            return now >= std::min(call->deadline.moment(), call->since + options_.acquire_timeout);
        };
        const auto late = std::ranges::stable_partition(waiting_, std::not_fn(is_late));
        unserved.assign(late.begin(), late.end());
        waiting_.erase(late.begin(), late.end());
        for (const auto& worker : workers_) {
            if (!worker->running) continue;
            if (now >= worker->running->deadline.moment()) unanswered.push_back(worker->running);
            if (now >= worker->running->deadline.moment() + kGraceBeforeCut) {
                worker->connection.cut();
            }
        }
    }
    const Timeout busy("no connection became free in time");
    for (const auto& call : unserved) refuse(call, Outcome::Timeout, std::make_exception_ptr(busy));
    const Timeout slow("the statement did not end in time");
    for (const auto& call : unanswered) call->answer(std::make_exception_ptr(slow));
}

// A pool nobody uses must still know whether its server lives.
void Pool::check_server() {
    const auto now = Deadline::Clock::now();
    std::unique_lock lock(mutex_);
    if (check_ && check_->is_answered()) check_.reset();
    if (check_ && now >= check_->since + options_.check_interval) {
        lock.unlock();
        set_unavailable("no answer within " + std::to_string(options_.check_interval.count()) +
                        " ms");
        return;
    }
    if (check_ || !available_ || now - last_success_.load() < options_.check_interval) return;
    using Check = Task<decltype(ask_for_life())>;
    check_ = std::make_shared<Check>(ask_for_life(), Deadline::after(options_.check_interval),
                                     asio::any_io_executor{});
    waiting_.push_front(check_);
    lock.unlock();
    work_arrived_.notify_one();
}

void Pool::look_for_server() {
    {
        const std::lock_guard lock(mutex_);
        if (available_) return;
    }
    try {
        // A server on which no connection can be prepared is of no use.
        PooledConnection trial(options_, prepare_);
        ask_for_life()(trial.ready());
        note_success();
    } catch (...) {
        set_unavailable(message_of(translated(std::current_exception())));
    }
}

void Pool::note_success() {
    last_success_.store(Deadline::Clock::now());
    if (!healthy_.load()) set_available();
}

void Pool::set_available() {
    const std::lock_guard lock(mutex_);
    if (healthy_.exchange(true)) return;
    available_ = true;
    reason_.clear();
    log_.info("Connected to PostgreSQL", {{"host", options_.host}, {"port", options_.port}});
}

void Pool::set_unavailable(const std::string& reason) {
    const std::lock_guard lock(mutex_);
    check_.reset();
    if (available_) log_.warning("PostgreSQL is not reachable", {{"error", reason}});
    available_ = false;
    healthy_.store(false);
    reason_ = reason;
}

}  // namespace chatflow::postgres
