#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/base/log.hpp"
#include "libs/postgres/call.hpp"
#include "libs/postgres/options.hpp"
#include "libs/postgres/pool_observer.hpp"
#include "libs/postgres/pooled_connection.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace chatflow::postgres {

/// Connections to one PostgreSQL, each with a thread of its own, since libpqxx blocks. Connects on
/// demand, replaces connections that failed or grew old, and while the server is away refuses at
/// once and looks for it by itself. While some connections cannot be made, the others serve. Any
/// thread may call. The destructor ends what runs.
class Pool {
 public:
    /// `prepare` is run on each new connection. `observer` outlives the pool.
    Pool(Options options, PooledConnection::Prepare prepare, PoolObserver& observer, Log log);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Runs `work(pqxx::connection&)` on a thread of the pool and resumes the caller on its own
    /// executor with the result. Throws what errors.hpp lists, at the deadline at the latest; the
    /// work may then still run, so it owns all it uses. A caller that is cancelled waits as well.
    template <class Work>
    [[nodiscard]] awaitable<std::invoke_result_t<Work, pqxx::connection&>> run(Work work,
                                                                               Deadline deadline);

    struct State {
        bool available = false;
        std::string reason;  // why not; "" while available
        std::size_t open = 0;
        std::size_t busy = 0;
        std::size_t waiting = 0;
    };
    [[nodiscard]] State state() const;

 private:
    struct Worker {
        explicit Worker(const Options& options, const PooledConnection::Prepare& prepare)
            : connection(options, prepare) {}
        PooledConnection connection;
        std::shared_ptr<Call> running;  // guarded by Pool::mutex_
        std::thread thread;
    };

    void submit(std::shared_ptr<Call> call);
    void refuse(const std::shared_ptr<Call>& call, PoolObserver::Outcome outcome,
                const std::exception_ptr& error);
    void work(Worker& worker);
    bool carry_out(Worker& worker, Call& call);
    void leave_to_others(const std::shared_ptr<Call>& call, std::unique_lock<std::mutex>& lock);
    [[nodiscard]] bool others_are_open() const;
    void supervise();
    void expire_calls();
    void look_for_server();
    void check_server();
    void note_success();
    void set_available();
    void set_unavailable(const std::string& reason);

    const Options options_;
    const PooledConnection::Prepare prepare_;
    PoolObserver& observer_;
    Log log_;

    mutable std::mutex mutex_;
    std::condition_variable work_arrived_;
    std::condition_variable stops_;
    std::condition_variable supervisor_wakes_;
    std::deque<std::shared_ptr<Call>> waiting_;
    std::size_t idle_workers_ = 0;
    bool stopping_ = false;
    bool available_ = true;  // until the first attempt says otherwise
    std::string reason_ = "not connected yet";
    std::atomic<bool> healthy_{false};  // available_, and at least one success
    std::atomic<Deadline::Clock::time_point> last_success_{};
    std::shared_ptr<Call> check_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::thread supervisor_;
};

template <class Work>
awaitable<std::invoke_result_t<Work, pqxx::connection&>> Pool::run(Work work, Deadline deadline) {
    const auto task =
        std::make_shared<Task<Work>>(std::move(work), deadline, co_await asio::this_coro::executor);
    auto initiate = [this, &task](auto handler) {
        task->handler = std::move(handler);
        submit(task);
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(initiate,
                                                                          asio::use_awaitable);
    co_return task->take_result();
}

}  // namespace chatflow::postgres
