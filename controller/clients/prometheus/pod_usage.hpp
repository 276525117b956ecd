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

/// What one query said about every pod of the namespaces it named.
class UsageSnapshot {
 public:
    /// Nothing when the pod has no sample.
    [[nodiscard]] const std::vector<ContainerSample>* find(const api::ObjectKey& pod) const;

    [[nodiscard]] std::size_t pods() const { return pods_.size(); }
    /// Samples that were NaN or infinite: they are left out, and counted here.
    [[nodiscard]] std::size_t not_numbers() const { return not_numbers_; }

    [[nodiscard]] static std::expected<UsageSnapshot, api::MetricError> parse(
        std::string_view body);

    /// What it said of other namespaces.
    void add(UsageSnapshot other) {
        pods_.merge(other.pods_);
        not_numbers_ += other.not_numbers_;
    }

 private:
    struct KeyHash {
        std::size_t operator()(const api::ObjectKey& key) const {
            return std::hash<std::string>{}(key.name) * 31 +
                   std::hash<std::string>{}(key.name_space);
        }
    };
    std::unordered_map<api::ObjectKey, std::vector<ContainerSample>, KeyHash> pods_;
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
