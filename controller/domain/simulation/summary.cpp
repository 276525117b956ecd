#include "controller/domain/simulation/summary.hpp"

#include <algorithm>

namespace chatflow::simulation {

void Account::add_second(std::int64_t load, std::int32_t replicas, std::int32_t ready) {
    using std::chrono::seconds;
    if (!is_open_) return;
    const std::int64_t full = ready * request_ * full_percent_ / 100;
    summary_.span += seconds{1};
    summary_.predicting += seconds{is_predicting_ ? 1 : 0};
    summary_.load += load;
    summary_.pod_seconds += replicas;
    summary_.most_replicas = std::max(summary_.most_replicas, replicas);
    summary_.unserved += std::max<std::int64_t>(0, load - ready * limit_);
    under_now_ = load > full ? under_now_ + seconds{1} : seconds{0};
    if (load > full) {
        summary_.under_provisioned += seconds{1};
        summary_.shortfall += load - full;
        summary_.longest_under = std::max(summary_.longest_under, under_now_);
    }
}

void Account::add_change(std::int32_t from, std::int32_t to) {
    const std::int32_t change = to - from;
    if (!is_open_) return;
    ++summary_.changes;
    if ((change > 0 && last_change_ < 0) || (change < 0 && last_change_ > 0)) ++summary_.flips;
    last_change_ = change;
}

void Account::add_bound(bool held) {
    if (!is_open_) return;
    ++summary_.predicted_slots;
    summary_.covered_slots += held ? 1 : 0;
}

}  // namespace chatflow::simulation
