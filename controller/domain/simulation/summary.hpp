#pragma once

#include <chrono>
#include <cstdint>

namespace chatflow::simulation {

/// What a run cost and what it failed to serve. Amounts are thousandths of the load's unit, times
/// seconds.
struct Summary {
    std::chrono::seconds span{0};
    std::int64_t load = 0;
    std::chrono::seconds under_provisioned{0};  // load above full_percent of what is ready
    std::chrono::seconds longest_under{0};      // the longest of these without a break
    std::int64_t shortfall = 0;                 // by how much it was above
    std::int64_t unserved = 0;                  // above the limit of what is ready
    std::int64_t pod_seconds = 0;               // from creation, ready or not
    std::int32_t changes = 0;
    std::int32_t flips = 0;  // changes in the other direction than the one before
    std::int32_t most_replicas = 0;
    // Of the prediction, where there is one.
    std::int32_t predicted_slots = 0;    // that were compared with what came
    std::int32_t covered_slots = 0;      // whose load was not above the bound
    std::chrono::seconds predicting{0};  // how long it was trusted

    bool operator==(const Summary&) const = default;
};

/// Adds up what one second after the other was like, from open() on.
class Account {
 public:
    Account(std::int64_t request, std::int64_t limit, std::int32_t full_percent)
        : request_(request), limit_(limit), full_percent_(full_percent) {}

    void open() { is_open_ = true; }
    [[nodiscard]] bool is_open() const { return is_open_; }

    void add_second(std::int64_t load, std::int32_t replicas, std::int32_t ready);
    void add_change(std::int32_t from, std::int32_t to);

    void add_bound(bool held);
    /// Whether a forecast is trusted from now on.
    void predict(bool is_trusted) { is_predicting_ = is_trusted; }

    [[nodiscard]] const Summary& summary() const { return summary_; }

 private:
    std::int64_t request_;
    std::int64_t limit_;
    std::int32_t full_percent_;
    bool is_open_ = false;
    bool is_predicting_ = false;
    std::chrono::seconds under_now_{0};
    std::int32_t last_change_ = 0;
    Summary summary_;
};

}  // namespace chatflow::simulation
