#pragma once

#include "controller/clients/kube/client.hpp"
#include "controller/runtime/event_correlator.hpp"
#include "controller/runtime/metrics.hpp"
#include "libs/async/clock.hpp"
#include "libs/async/notification.hpp"
#include "libs/base/log.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <string>

namespace chatflow::runtime {

struct EventRecorderOptions {
    std::string controller = "chatflow.dev/operator";
    std::string instance;  // the pod's name
    EventLimits limits = {};
    // A series' count is written at most this often; what repeats in between is in the next one.
    std::chrono::seconds series_period{10};
};

/// Tells users what the operator does, as events.k8s.io/v1 Events. record() only queues: telling
/// may be slow or fail without holding anything up. Repetitions raise the count of one event.
class EventRecorder {
 public:
    EventRecorder(asio::any_io_executor executor, kube::Client& client, Clock& clock,
                  const Log& log, RuntimeMetrics& metrics, EventRecorderOptions options);

    /// Never waits, never throws for want of an API server.
    void record(EventNote note);

    /// Sends what is recorded; ends by cancellation only.
    [[nodiscard]] awaitable<void> run();

    /// Until everything recorded so far is told or given up; for the end of the process.
    [[nodiscard]] awaitable<void> flush(Deadline deadline);

    [[nodiscard]] std::size_t pending() const { return queue_.size() + repeats_.size(); }

    static constexpr std::size_t kQueueMax = 1000;  // events; the oldest is dropped first

 private:
    struct Pending {
        EventNote note;
        TimePoint at;
    };
    struct Repeat {
        EventNote note;
        std::int32_t count;
        TimePoint last;
        std::chrono::steady_clock::time_point due;
    };

    [[nodiscard]] awaitable<void> send_all(Deadline deadline, bool also_not_due);
    [[nodiscard]] awaitable<void> tell(Pending pending, Deadline deadline);
    [[nodiscard]] awaitable<void> create(Pending pending, std::string name, Deadline deadline);
    [[nodiscard]] awaitable<void> raise_count(std::string name, Repeat repeat, Deadline deadline);
    [[nodiscard]] std::map<std::string, Repeat>::iterator next_repeat(bool also_not_due);
    void count(const char* outcome) { metrics_.events(outcome).Increment(); }

    kube::Client& client_;
    Clock& clock_;
    Log log_;
    RuntimeMetrics& metrics_;
    EventRecorderOptions options_;
    EventCorrelator correlator_;
    std::deque<Pending> queue_;
    std::map<std::string, Repeat> repeats_;  // by event name
    bool sending_ = false;
    Notification changed_;
};

}  // namespace chatflow::runtime
