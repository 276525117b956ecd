#include "controller/domain/prediction/load_query.hpp"

#include "controller/domain/prediction/floor.hpp"
#include "controller/domain/prediction/predictor.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace chatflow::prediction {
namespace {

using std::chrono::seconds;

// A rate needs two scrapes.
constexpr seconds kRateLeast{120};

// What Kubernetes makes suffixes of (k8s.io/apimachinery/pkg/util/rand).
constexpr const char* kSafe = "[bcdfghjklmnpqrstvwxz2456789]";
// A generated name has 63 characters, the last five of them random.
constexpr std::size_t kGeneratedMax = 58;
constexpr std::size_t kHashMax = 10;

/// Matches the names that a target of this kind gives its pods, and no others: those of `chat` and
/// not those of `chat-server`. Of other kinds all that begin with the name and a dash.
std::string pod_pattern(const api::TargetRef& target) {
    std::string name;
    for (const char c : target.name) name += c == '.' ? "[.]" : std::string(1, c);
    if (target.kind == "StatefulSet") return name + "-[0-9]+";
    if (target.kind != "Deployment") return name + "-.+";
    if (target.name.size() + kHashMax + 2 > kGeneratedMax) return name + "[a-z0-9-]*";  // cut short
    return fmt::format("{0}-{1}{{1,{2}}}-{1}{{5}}", name, kSafe, kHashMax);
}

/// Pods that are gone are part of the history, so that the selector of today's pods is of no use.
std::string cpu_expression(const api::ObjectKey& policy, const api::ScalingPolicySpec& spec,
                           const std::string& container, seconds slot) {
    return fmt::format(
        R"(sum(rate(container_cpu_usage_seconds_total{{namespace="{}",pod=~"{}",{}}}[{}s])))",
        policy.name_space, pod_pattern(spec.target_ref),
        container.empty() ? R"(container!="",container!="POD")"
                          : fmt::format(R"(container="{}")", container),
        std::max(slot, kRateLeast).count());
}

/// What to ask, and whom.
std::optional<LoadQuery> question_of(const api::ObjectKey& policy,
                                     const api::ScalingPolicySpec& spec, seconds slot) {
    if (!spec.prediction->query.empty()) return LoadQuery{.expression = spec.prediction->query};
    const api::MetricSpec* metric = predicted_metric(spec);
    if (metric == nullptr) return std::nullopt;
    if (metric->prometheus) {
        return LoadQuery{.expression = metric->prometheus->query,
                         .server = metric->prometheus->server};
    }
    if (metric->resource) return LoadQuery{.expression = cpu_expression(policy, spec, "", slot)};
    if (metric->container_resource) {
        const std::string& container = metric->container_resource->container;
        return LoadQuery{.expression = cpu_expression(policy, spec, container, slot)};
    }
    return std::nullopt;
}

}  // namespace

std::optional<LoadQuery> load_query(const api::ObjectKey& policy,
                                    const api::ScalingPolicySpec& spec, TimePoint now) {
    if (!spec.prediction) return std::nullopt;
    const seconds slot = tuning_of(*spec.prediction).slot;
    auto query = question_of(policy, spec, slot);
    if (!query) return std::nullopt;
    const std::int64_t wanted = std::chrono::days{spec.prediction->history_days} / slot;
    const std::int64_t slots = std::min(wanted, static_cast<std::int64_t>(kHistorySlotsMax));
    const auto whole = std::chrono::floor<seconds>(now.time_since_epoch());
    query->last = TimePoint{whole - whole % slot};
    query->first = query->last - slot * (slots - 1);
    query->step = slot;
    return query;
}

}  // namespace chatflow::prediction
