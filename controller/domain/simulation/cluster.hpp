#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/api/scaling_policy.hpp"
#include "controller/domain/simulation/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace chatflow::simulation {

/// A target with its pods, as a decision sees them: pods become ready some time after they were
/// asked for, share the load equally, do at most their limit, and are measured late and averaged.
/// The youngest go first. Whole seconds; no randomness.
class Cluster {
 public:
    /// `metric` is the one that the load drives; `first_load` is what the initial pods have been
    /// doing before `start`.
    Cluster(const Settings& settings, const api::MetricSpec& metric, std::int32_t replicas,
            std::int64_t first_load, TimePoint start);

    /// Makes those ready whose time has come. Then either observe() or scale_to(), then serve().
    void begin_second();

    /// What a controller would read now. The history in it is the caller's.
    [[nodiscard]] api::Observation& observe();

    void scale_to(std::int32_t replicas);

    /// One second of this load; nothing: not recorded, what was there before is taken for the load.
    void serve(std::optional<std::int64_t> load);

    [[nodiscard]] TimePoint now() const { return start_ + std::chrono::seconds{second_}; }
    [[nodiscard]] std::int32_t replicas() const { return seen_.replicas.spec; }
    [[nodiscard]] std::int32_t ready() const { return static_cast<std::int32_t>(ready_); }
    /// Of the second that was served last.
    [[nodiscard]] std::int64_t load() const { return load_; }

 private:
    /// Running sums up to the beginning of a second, so that any window is one subtraction.
    struct Sums {
        std::int64_t share = 0;    // of one ready pod
        std::int64_t load = 0;     // of the whole target
        std::int64_t missing = 0;  // seconds without a recording
    };
    [[nodiscard]] Sums sums_at(std::int64_t second) const;
    [[nodiscard]] api::CasePod new_pod() const;
    [[nodiscard]] std::int64_t share_of(std::int64_t load) const;
    [[nodiscard]] api::MetricReading measured() const;
    [[nodiscard]] api::PodSample sample_of(std::size_t pod, std::int64_t from,
                                           std::int64_t to) const;

    Settings settings_;
    api::MetricSpec metric_;
    TimePoint start_;
    std::int64_t second_ = 0;
    std::int64_t named_ = 0;  // pods so far
    api::Observation seen_;   // its pods in the order of their creation
    std::vector<std::int64_t> ready_at_;
    std::size_t ready_ = 0;  // the first so many pods
    std::int64_t load_ = 0;
    Sums before_;               // per second, before `start`
    Sums total_;                // up to now
    std::vector<Sums> recent_;  // ring: at the beginning of the last seconds
};

}  // namespace chatflow::simulation
