#pragma once

#include "controller/api/object_meta.hpp"
#include "controller/api/quantity.hpp"
#include "controller/api/scaling_decision.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace chatflow::prom {

/// Resources that cAdvisor's metrics give for every container.
enum class Resource { Cpu, Memory };

[[nodiscard]] std::optional<Resource> resource_named(std::string_view name);

struct ContainerSample {
    std::string container;
    api::Quantity usage;
    TimePoint at{};  // when cAdvisor measured it, not when we asked
};

/// When a sample was measured, by our clock. `evaluated` is the moment of the answer by the
/// server's clock, and no later than `answered_at`: where it says so, our clock is behind, and by
/// it a sample that is old would be fresh. A server whose clock is behind ours is believed, so that
/// an old answer stays an old one.
[[nodiscard]] TimePoint measured_at(TimePoint told, TimePoint evaluated, TimePoint answered_at);

/// What queries said about every pod of the namespaces they named. A flat table: of 50,000 pods
/// there are two for a moment, whenever one replaces the other.
class UsageSnapshot {
 public:
    /// Of each container of the pod; none when it has no sample.
    [[nodiscard]] std::vector<ContainerSample> find(const api::ObjectKey& pod) const;

    /// Samples that were NaN or infinite: they are left out, and counted here.
    [[nodiscard]] std::size_t not_numbers() const { return not_numbers_; }

    /// `answered_at` is when the answer was there, by our clock.
    [[nodiscard]] static std::expected<UsageSnapshot, api::MetricError> parse(
        std::string_view body, TimePoint answered_at);

    /// What it said of other namespaces.
    void add(const UsageSnapshot& other);

 private:
    struct Row {
        std::uint32_t name_at = 0;  // in names_
        std::uint32_t name_size = 0;
        std::uint32_t container = 0;  // in containers_
        api::Quantity usage;
        TimePoint at{};
    };

    [[nodiscard]] std::string_view name_of(const Row& row) const {
        return std::string_view(names_).substr(row.name_at, row.name_size);
    }
    std::uint32_t container_number(std::string_view name);
    void append(std::string_view pod, const ContainerSample& sample);

    std::vector<Row> rows_;  // by the pod's name
    std::string names_;      // "namespace/pod", one behind the other
    std::vector<std::string> containers_;
    std::unordered_map<std::string, std::uint32_t> numbers_;  // of containers_
    std::size_t not_numbers_ = 0;
};

// Beyond this the list of names costs more than the samples it keeps away, and is left out.
inline constexpr std::size_t kNamespacesInQueryMax = 300;

/// One query for all pods of these namespaces: for each container its usage (averaged over
/// `window_seconds` for cpu) and, as a second series, the time of its newest sample, because a rate
/// carries the time of the question and would make a dead target look fresh.
[[nodiscard]] std::string usage_query(Resource resource, const std::set<std::string>& namespaces,
                                      std::int32_t window_seconds);

}  // namespace chatflow::prom
