#pragma once

#include "controller/api/core/lease.hpp"
#include "controller/clients/kube/client.hpp"
#include "controller/runtime/lease_decision.hpp"
#include "controller/runtime/metrics.hpp"
#include "libs/async/clock.hpp"
#include "libs/base/log.hpp"

#include <chrono>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>

namespace chatflow::runtime {

/// Another may lead by now: the process stops acting at once and ends.
struct LeadershipLost : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct LeaderElectorOptions {
    std::string name = "chatflow-controller";  // of the Lease
    std::string name_space;
    std::string identity;  // unique among all that ever run: pod name and a random part
    LeaseTimes times = {};
};

/// Holds a coordination.k8s.io Lease, so that one of several replicas acts. Two leaders at a time
/// are made unlikely, not impossible: what a leader writes has to be harmless twice.
class LeaderElector {
 public:
    LeaderElector(kube::Client& client, Clock& clock, const Log& log, RuntimeMetrics& metrics,
                  LeaderElectorOptions options);

    /// Until this process leads.
    [[nodiscard]] awaitable<void> acquire();

    /// Renews for as long as that works; throws LeadershipLost `renew_deadline` after the last
    /// renewal that did, or as soon as another is seen to hold the lease. Ends otherwise only by
    /// cancellation.
    [[nodiscard]] awaitable<void> hold();

    /// Lets another take over at once. After the work of a leader has ended.
    [[nodiscard]] awaitable<void> release(Deadline deadline);

    /// Whether this process may act now. Turns false by itself when renewals have stopped, even
    /// if nothing else has run since.
    [[nodiscard]] bool is_leader() const;

    /// Who leads, as far as this process knows; empty when nobody does.
    [[nodiscard]] std::string holder() const;

    [[nodiscard]] const std::string& identity() const { return options_.identity; }

 private:
    [[nodiscard]] awaitable<bool> try_once(Deadline deadline);
    [[nodiscard]] awaitable<void> observe(Deadline deadline);
    [[nodiscard]] awaitable<void> write(api::LeaseSpec record, Deadline deadline);
    [[nodiscard]] std::chrono::steady_clock::duration retry_period();
    void note(std::optional<api::Lease> lease);
    void lose(const char* reason);

    kube::Client& client_;
    Clock& clock_;
    Log log_;
    prometheus::Gauge& is_leader_metric_;
    LeaderElectorOptions options_;
    std::minstd_rand random_;  // spreads the attempts of the followers
    std::optional<api::Lease> lease_;
    std::chrono::steady_clock::time_point changed_at_{};
    bool leads_ = false;
    std::chrono::steady_clock::time_point renewed_at_{};  // when the last good renewal was sent
};

}  // namespace chatflow::runtime
