#include "controller/domain/scaling/drain.hpp"

#include "controller/domain/scaling/metric_message.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

namespace chatflow::scaling {
namespace {

constexpr std::int64_t kUnknown = std::numeric_limits<std::int64_t>::max();  // goes last

struct Candidate {
    const api::CasePod* pod = nullptr;
    const api::DrainingPod* drain = nullptr;  // null: neither measured nor told

    [[nodiscard]] bool is_draining() const { return drain != nullptr && drain->since; }
    [[nodiscard]] std::int64_t connections() const {
        return drain != nullptr ? drain->connections.value_or(kUnknown) : kUnknown;
    }
};

/// "web-12" → 12; -1 for what is no name of a StatefulSet's pod.
std::int64_t ordinal_of(std::string_view name) {
    const auto dash = name.rfind('-');
    std::int64_t ordinal = -1;
    if (dash != std::string_view::npos) {
        std::from_chars(name.data() + dash + 1, name.data() + name.size(), ordinal);
    }
    return ordinal;
}

/// In the order in which they are to go.
std::vector<Candidate> candidates_of(const api::ScalingPolicySpec& spec,
                                     const api::Observation& seen) {
    std::vector<Candidate> all;
    for (const api::CasePod& pod : seen.pods) {
        const bool is_gone = pod.deletion_timestamp || pod.phase == api::PodPhase::Succeeded ||
                             pod.phase == api::PodPhase::Failed;
        if (is_gone) continue;
        const auto found = std::ranges::find(seen.draining, pod.name, &api::DrainingPod::pod);
        all.push_back({&pod, found == seen.draining.end() ? nullptr : &*found});
    }
    if (spec.target_ref.kind == "StatefulSet") {
        std::ranges::sort(all, std::ranges::greater{},
                          [](const Candidate& one) { return ordinal_of(one.pod->name); });
        return all;
    }
    // Readiness comes first, as a ReplicaSet looks at it before deletion costs. Who drains already
    // goes on doing so: his connections are on their way elsewhere.
    std::ranges::sort(all, {}, [](const Candidate& one) {
        return std::tuple(one.pod->ready == api::ReadyStatus::True, !one.is_draining(),
                          one.connections(), std::string_view{one.pod->name});
    });
    return all;
}

bool may_go(const Candidate& one, const api::DrainSpec& drain, TimePoint now) {
    if (!one.is_draining()) return false;
    return one.connections() <= drain.empty_at ||
           now - *one.drain->since >= std::chrono::seconds{drain.timeout_seconds};
}

std::string connections_text(const std::vector<Candidate>& batch) {
    std::int64_t known = 0;
    std::size_t unknown = 0;
    for (const Candidate& one : batch) {
        if (one.connections() == kUnknown) {
            ++unknown;
        } else {
            known += one.connections();
        }
    }
    std::string text = fmt::format("{} {} left", known, known == 1 ? "connection" : "connections");
    if (unknown > 0) fmt::format_to(std::back_inserter(text), ", {} not measured", unknown);
    return text;
}

/// Takes out of `candidates` those of earlier batches who are still there because their turn to be
/// deleted has not come: of who was told before the last batch went, as many as there are pods
/// beyond `replicas`. They keep their marks and are not counted again.
std::vector<std::string> take_leavers(std::vector<Candidate>& candidates,
                                      const api::Observation& seen, std::int32_t replicas) {
    const auto beyond = std::ssize(candidates) - replicas;
    std::vector<std::string> leavers;
    std::erase_if(candidates, [&](const Candidate& one) {
        const bool leaves = std::ssize(leavers) < beyond && one.is_draining() &&
                            seen.history.drained_at &&
                            *one.drain->since <= *seen.history.drained_at;
        if (leaves) leavers.push_back(one.pod->name);
        return leaves;
    });
    return leavers;
}

std::optional<TimePoint> pause_ends(const api::DrainSpec& drain, const api::Observation& seen) {
    if (!seen.history.drained_at) return std::nullopt;
    const TimePoint end =
        *seen.history.drained_at + std::chrono::seconds{drain.batch_pause_seconds};
    return seen.now < end ? std::optional{end} : std::nullopt;
}

}  // namespace

DrainPlan plan_drain(const api::ScalingPolicySpec& spec, const api::Observation& seen,
                     std::int32_t wanted) {
    const std::int32_t current = seen.replicas.spec;
    const api::DrainSpec& drain = *spec.drain;
    std::vector<Candidate> batch = candidates_of(spec, seen);
    DrainPlan plan{.replicas = std::max(wanted, current),
                   .victims = take_leavers(batch, seen, std::max(wanted, current))};
    if (wanted >= current || batch.empty()) {
        plan.replicas = wanted;
        return plan;
    }
    if (const auto end = pause_ends(drain, seen)) {
        for (const Candidate& one : batch) {
            if (one.is_draining()) plan.victims.push_back(one.pod->name);
        }
        plan.message = fmt::format("the next batch waits until {}", format_rfc3339(*end));
        return plan;
    }
    const bool drains = std::ranges::any_of(batch, &Candidate::is_draining);
    const bool is_measured = std::ranges::any_of(
        batch, [](const Candidate& one) { return one.connections() != kUnknown; });
    if (!drains && !is_measured) {
        plan.message = "the query of spec.drain has no data of any pod";
        return plan;
    }

    const auto size = std::min({static_cast<std::size_t>(current - wanted),
                                static_cast<std::size_t>(drain.batch_pods), batch.size()});
    batch.resize(size);
    for (const Candidate& one : batch) plan.victims.push_back(one.pod->name);
    const bool is_done = std::ranges::all_of(
        batch, [&](const Candidate& one) { return may_go(one, drain, seen.now); });
    if (is_done) {
        plan.replicas = current - static_cast<std::int32_t>(size);
    } else {
        plan.message = fmt::format("{} {}: {}", pods_text(static_cast<std::int32_t>(size)),
                                   size == 1 ? "drains" : "drain", connections_text(batch));
    }
    return plan;
}

}  // namespace chatflow::scaling
