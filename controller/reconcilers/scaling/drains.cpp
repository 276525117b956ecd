#include "controller/reconcilers/scaling/drains.hpp"

#include "controller/api/names.hpp"
#include "controller/clients/kube/api_error.hpp"
#include "controller/clients/prometheus/instant_vector.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

constexpr const char* kManager = "chatflow-drain";
constexpr const char* kDeletionCost = "controller.kubernetes.io/pod-deletion-cost";
constexpr const char* kVictimCost = "-1000";  // pods without the annotation have 0

using Counts = std::map<std::string, std::int64_t>;

/// By pod. What is no number is left out: it is no measure, and no 0.
Counts connections_in(const std::string& body, const std::string& pod_label) {
    constexpr double kMost = 9e15;  // what JSON keeps exact
    Counts counts;
    const std::array<std::string_view, 1> labels = {pod_label};
    const auto read =
        prom::read_instant_vector(body, labels, [&](const prom::VectorSample& sample) {
            if (!std::isfinite(sample.value) || sample.labels[0].empty()) return;
            counts[sample.labels[0]] +=
                static_cast<std::int64_t>(std::ceil(std::clamp(sample.value, 0.0, kMost)));
        });
    return read ? counts : Counts{};
}

}  // namespace

awaitable<std::vector<api::DrainingPod>> Drains::read(const api::ScalingPolicy& policy, Pods pods,
                                                      Deadline deadline) {
    const api::DrainSpec& drain = *policy.spec.drain;
    Counts counts;
    const auto body = co_await prometheus_.query(
        drain.query, {.lookback = std::chrono::seconds{drain.max_age_seconds}}, deadline);
    if (body) counts = connections_in(*body, drain.pod_label);

    ToldPods& told = told_[key_of(policy.metadata)];
    std::vector<api::DrainingPod> known;
    for (const auto& pod : pods) {
        const auto count = counts.find(pod->metadata.name);
        api::DrainingPod one{.pod = pod->metadata.name, .since = pod->draining_since};
        if (count != counts.end()) one.connections = count->second;
        const auto own = told.find(one.pod);
        if (!one.since && own != told.end()) one.since = own->second.since;
        if (one.connections || one.since) known.push_back(std::move(one));
    }
    std::erase_if(told, [&](const auto& entry) {
        return std::ranges::none_of(
            pods, [&](const auto& pod) { return pod->metadata.name == entry.first; });
    });
    co_return known;
}

awaitable<void> Drains::carry_out(const api::ScalingPolicy& policy, Pods pods,
                                  const api::Observation& seen, const api::Decision& decision,
                                  Deadline deadline, const Log& log) {
    const api::ObjectKey key = key_of(policy.metadata);
    const bool asks = policy.spec.drain->endpoint.has_value();
    for (const auto& pod : pods) {
        const std::string& name = pod->metadata.name;
        const bool is_victim = std::ranges::contains(decision.victims, name);
        const auto known = std::ranges::find(seen.draining, name, &api::DrainingPod::pod);
        const bool was_told = known != seen.draining.end() && known->since;
        if (is_victim) {
            if (!was_told) {
                co_await mark(key_of(pod->metadata), seen.now, deadline);
                log.info("Pod drains", {{"pod", name}, {"message", decision.message}});
            }
            const TimePoint since = was_told ? *known->since : seen.now;
            const Told own = told_[key].try_emplace(name, Told{.since = since}).first->second;
            if (asks && !own.has_agreed) {
                co_await ask(policy, *pod, drain::Wish::Drain, deadline, log);
            }
        } else if (was_told && !pod->metadata.deletion_timestamp) {
            co_await mark(key_of(pod->metadata), std::nullopt, deadline);
            told_[key].erase(name);
            if (asks) co_await ask(policy, *pod, drain::Wish::TakeBack, deadline, log);
        }
    }
}

awaitable<void> Drains::mark(api::ObjectKey pod, std::optional<TimePoint> since,
                             Deadline deadline) {
    nlohmann::json annotations = {{kDeletionCost, nullptr}, {api::kDrainingSince, nullptr}};
    if (since) {
        annotations = {{kDeletionCost, kVictimCost}, {api::kDrainingSince, format_rfc3339(*since)}};
    }
    nlohmann::json patch = {{"metadata", {{"annotations", std::move(annotations)}}}};
    try {
        co_await kube_.merge_patch(kube::core_resource("pods", pod.name_space, pod.name),
                                   std::move(patch), {.field_manager = kManager}, deadline);
    } catch (const kube::ApiError& error) {
        if (!error.is_not_found()) throw;  // gone: as drained as can be
    }
}

awaitable<void> Drains::ask(const api::ScalingPolicy& policy, const api::Pod& pod, drain::Wish wish,
                            Deadline deadline, const Log& log) {
    const auto refusal =
        co_await pods_.ask(wish, pod.pod_ip, *policy.spec.drain->endpoint, deadline);
    const std::string& name = pod.metadata.name;
    if (wish == drain::Wish::TakeBack) {
        if (refusal) log.warning("Pod stays closed", {{"pod", name}, {"message", *refusal}});
        co_return;
    }
    Told& own = told_[key_of(policy.metadata)][name];
    own.has_agreed = !refusal;
    if (refusal && *refusal != own.refusal) {
        log.warning("Pod was not asked to drain", {{"pod", name}, {"message", *refusal}});
    }
    own.refusal = refusal.value_or("");
}

}  // namespace chatflow
