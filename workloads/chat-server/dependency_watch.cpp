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
constexpr const char* kNotYet = "not looked at yet";

}  // namespace

DependencyWatch::DependencyWatch(const postgres::Pool& primary, const postgres::Pool* replicas,
                                 const redis::Client& redis)
    : primary_(primary),
      replicas_(replicas),
      redis_(redis),
      seen_{{.name = "postgres", .reason = kNotYet},
            {.name = "redis", .is_required = false, .reason = kNotYet}} {
    if (replicas_ != nullptr) {
        seen_.push_back({.name = "postgres-read", .is_required = false, .reason = kNotYet});
    }
}

awaitable<void> DependencyWatch::run() {
    for (;;) {
        look();
        co_await sleep_until(Deadline::after(kLookInterval));
    }
}

void DependencyWatch::look() {
    const auto primary = primary_.state();
    const std::lock_guard lock(mutex_);
    seen_[0].is_up = primary.available;
    seen_[0].reason = primary.reason;
    seen_[1].is_up = redis_.is_connected();
    seen_[1].reason = redis_.last_error();
    if (replicas_ == nullptr) return;
    const auto replicas = replicas_->state();
    seen_[2].is_up = replicas.available;
    seen_[2].reason = replicas.reason;
}

std::vector<Dependency> DependencyWatch::seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
}

}  // namespace chatflow::chat
