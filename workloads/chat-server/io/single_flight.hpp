#pragma once

#include "libs/async/awaitable.hpp"

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace chatflow::chat {

/// One load per key at a time in the whole process: whoever comes while it runs waits for its
/// result, or gets its exception. Any thread; must outlive its calls.
template <class Value>
class SingleFlight {
 public:
    using Load = std::function<awaitable<Value>()>;

    [[nodiscard]] awaitable<Value> run(std::string key, Load load);

 private:
    struct Waiter {
        asio::any_io_executor home;
        asio::any_completion_handler<void()> handler;
    };
    struct Flight {
        bool landed = false;
        std::vector<Waiter> waiters;
        Value value{};
        std::exception_ptr error;
    };

    std::pair<std::shared_ptr<Flight>, bool> board(const std::string& key) {
        const std::lock_guard lock(mutex_);
        const auto [place, is_first] = flights_.try_emplace(key);
        if (is_first) place->second = std::make_shared<Flight>();
        return {place->second, is_first};
    }
    awaitable<void> wait(std::shared_ptr<Flight> flight);
    void land(const std::string& key, Flight& flight);

    std::mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<Flight>> flights_;
};

template <class Value>
awaitable<Value> SingleFlight<Value>::run(std::string key, Load load) {
    const auto [flight, is_first] = board(key);
    if (is_first) {
        try {
            flight->value = co_await load();
        } catch (...) {
            flight->error = std::current_exception();
        }
        land(key, *flight);
    } else {
        co_await wait(flight);
    }
    if (flight->error) std::rethrow_exception(flight->error);
    co_return flight->value;
}

template <class Value>
awaitable<void> SingleFlight<Value>::wait(std::shared_ptr<Flight> flight) {
    auto home = co_await asio::this_coro::executor;
    auto initiate = [this, &flight, &home](auto handler) {
        Waiter waiter{home, std::move(handler)};
        const std::lock_guard lock(mutex_);
        if (flight->landed) {
            asio::post(home, std::move(waiter.handler));
        } else {
            flight->waiters.push_back(std::move(waiter));
        }
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(initiate,
                                                                          asio::use_awaitable);
}

template <class Value>
void SingleFlight<Value>::land(const std::string& key, Flight& flight) {
    const std::lock_guard lock(mutex_);
    flights_.erase(key);
    flight.landed = true;
    for (Waiter& waiter : flight.waiters) asio::post(waiter.home, std::move(waiter.handler));
    flight.waiters.clear();
}

}  // namespace chatflow::chat
