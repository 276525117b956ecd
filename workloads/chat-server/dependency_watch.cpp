#include "workloads/chat-server/dependency_watch.hpp"

#include "libs/async/with_deadline.hpp"
#include "libs/postgres/pool.hpp"
#include "libs/redis/client.hpp"

#include <chrono>
#include <utility>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookInterval = 250ms;  // how old the answer of a probe may be

}  // namespace

void DependencyWatch::add(std::string name, bool is_required, std::function<Look()> look) {
    looks_.push_back(std::move(look));
    seen_.push_back(
        {.name = std::move(name), .is_required = is_required, .reason = "not looked at yet"});
}

void DependencyWatch::add(std::string name, bool is_required, const postgres::Pool& pool) {
    add(std::move(name), is_required, [&pool] {
        auto state = pool.state();
        return Look{.is_up = state.available, .reason = std::move(state.reason)};
    });
}

void DependencyWatch::add(std::string name, bool is_required, const redis::Client& redis) {
    add(std::move(name), is_required,
        [&redis] { return Look{.is_up = redis.is_connected(), .reason = redis.last_error()}; });
}

awaitable<void> DependencyWatch::run() {
    for (;;) {
        look();
        co_await sleep_until(Deadline::after(kLookInterval));
    }
}

void DependencyWatch::look() {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < looks_.size(); ++i) {
        Look now = looks_[i]();
        seen_[i].is_up = now.is_up;
        seen_[i].reason = std::move(now.reason);
    }
}

std::vector<Dependency> DependencyWatch::seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
}

}  // namespace chatflow::chat
