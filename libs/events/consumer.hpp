#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/log.hpp"
#include "libs/events/catalog.hpp"
#include "libs/events/event.hpp"
#include "libs/events/event_json.hpp"
#include "libs/events/layout.hpp"
#include "libs/events/observer.hpp"
#include "libs/events/retry.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::redis {
class Client;
class Connection;
class Reply;
}  // namespace chatflow::redis

namespace chatflow::events {

/// Thrown by a handler for an event that no retry will ever make right: it goes to the dead letters
/// at once.
struct Unacceptable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Returns when the event is dealt with; any exception means "again later". Delivery is at least
/// once: an event may come again after a crash, with the same id.
using Handler = std::function<awaitable<void>(const Event&)>;

struct Subscription {
    std::string group;     // events are shared out among the consumers of a group
    std::string consumer;  // one name per process, the same after a restart: the pod's
    std::vector<std::string> patterns{"*"};
    std::string start =
        "$";  // for a group that is new: "$" from now on, "0" all that is kept, an id
    RetryPolicy retry;
    std::chrono::milliseconds handler_time_max{20'000};  // then the attempt has failed
    std::chrono::milliseconds lost_after{30'000};  // a consumer that holds an event longer has died
    std::size_t batch = 64;                        // events read, or retried, at once
};

/// One consumer of a group: reads, checks, handles one event after the other, so that events of a
/// topic are met in order (a retry comes later than what followed it). One executor.
class Consumer {
 public:
    /// `observer` may be null. What is referred to outlives the consumer.
    Consumer(redis::Client& redis, const Catalog& catalog, Subscription subscription,
             Handler handler, Observer* observer, Log log, Layout layout = {}, Bounds bounds = {});

    /// Until cancelled. Redis may come and go meanwhile.
    [[nodiscard]] awaitable<void> run();

 private:
    struct Attempt;

    awaitable<void> consume();
    awaitable<void> create_groups();
    awaitable<void> read_new(redis::Connection& connection);
    awaitable<void> retry_due();
    awaitable<void> claim_lost();
    awaitable<void> claim_lost(std::string topic);
    awaitable<unsigned> deliveries(const std::string& stream, const std::string& id);
    awaitable<void> handle(Attempt attempt);
    awaitable<std::string> try_handler(const Event& event, bool& is_final);
    awaitable<bool> finish(const Attempt& attempt);
    awaitable<Outcome> fail(const Attempt& attempt, const std::string& error, bool is_final);
    awaitable<void> report_backlog();
    [[nodiscard]] bool is_wanted(const std::string& type) const;

    redis::Client& redis_;
    const Catalog& catalog_;
    Subscription subscription_;
    Handler handler_;
    Observer* observer_;
    Log log_;
    Layout layout_;
    Bounds bounds_;
    std::vector<std::string> topics_;
};

}  // namespace chatflow::events
