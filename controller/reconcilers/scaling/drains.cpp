#include "controller/reconcilers/scaling/drains.hpp"

#include "controller/clients/prometheus/instant_vector.hpp"
#include "libs/async/side_by_side.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace chatflow {
namespace {

constexpr const char* kByDrain = "drain";

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

std::string index_value(const api::ObjectKey& policy) {
    return fmt::format("{}/{}", policy.name_space, policy.name);
}

}  // namespace

/// One pod of one evaluation. What it refers to outlives the evaluation.
struct Drains::Step {
    ToldPods& told;
    std::shared_ptr<const api::Pod> pod;
    Deadline deadline;
    Deadline asking;  // of the request to the pod
    const Log& log;

    [[nodiscard]] const std::string& name() const { return pod->metadata.name; }
};

/// What the pod was told; what this process has told it since goes before what the cache shows.
std::optional<api::DrainMark> Drains::mark_of(const api::Pod& pod, ToldPods& told) {
    auto own = told.find(pod.metadata.name);
    if (own != told.end() && pod.start_time && own->second.mark.since < *pod.start_time) {
        told.erase(own);  // its namesake of before
        own = told.end();
    }
    if (own == told.end()) return pod.drain ? std::optional(*pod.drain) : std::nullopt;
    const bool is_shown = pod.drain && pod.drain->since == own->second.mark.since;
    if (pod.drain && !is_shown) return *pod.drain;
    if (own->second.is_taken_back) {
        if (!is_shown) told.erase(own);
        return std::nullopt;
    }
    return own->second.mark;
}

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
        api::DrainingPod one{.pod = pod->metadata.name};
        if (count != counts.end()) one.connections = count->second;
        if (const auto mark = mark_of(*pod, told)) one.since = mark->since;
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
    ToldPods& told = told_[key];
    const Deadline asking = deadline.but_within(kAskingTimeMax);
    // As the annotation will have it.
    const auto now = std::chrono::floor<std::chrono::seconds>(seen.now);
    std::vector<awaitable<void>> steps;
    for (const auto& pod : pods) {
        if (!std::ranges::contains(decision.victims, pod->metadata.name)) continue;
        const auto before = mark_of(*pod, told);
        const api::DrainMark mark{.since = before ? before->since : now,
                                  .policy = key.name,
                                  .endpoint = policy.spec.drain->endpoint};
        if (!before) {
            log.info("Pod drains", {{"pod", pod->metadata.name}, {"message", decision.message}});
        }
        steps.push_back(tell({told, pod, deadline, asking, log}, mark, before != mark));
    }
    std::vector<std::shared_ptr<const api::Pod>> others = known_to(key, told);
    others.insert(others.end(), pods.begin(), pods.end());
    std::ranges::sort(others, {}, [](const auto& pod) { return pod->metadata.name; });
    others.erase(std::ranges::unique(others).begin(), others.end());
    for (const auto& pod : others) {
        if (std::ranges::contains(decision.victims, pod->metadata.name)) continue;
        const auto mark = mark_of(*pod, told);
        if (!mark || pod->metadata.deletion_timestamp) continue;
        steps.push_back(take_back({told, pod, deadline, asking, log}, *mark));
    }
    co_await side_by_side(std::move(steps), kAtOnce);
}

awaitable<void> Drains::release(api::ObjectKey policy, Deadline deadline, const Log& log) {
    const auto found = told_.find(policy);
    ToldPods none;
    ToldPods& told = found == told_.end() ? none : found->second;
    const Deadline asking = deadline.but_within(kAskingTimeMax);
    std::vector<awaitable<void>> steps;
    for (const auto& pod : known_to(policy, told)) {
        const auto mark = mark_of(*pod, told);
        if (!mark || pod->metadata.deletion_timestamp) continue;
        steps.push_back(take_back({told, pod, deadline, asking, log}, *mark));
    }
    if (!steps.empty()) co_await side_by_side(std::move(steps), kAtOnce);
}

std::vector<std::shared_ptr<const api::Pod>> Drains::known_to(const api::ObjectKey& policy,
                                                              const ToldPods& told) const {
    auto pods = all_pods_.by_index(kByDrain, index_value(policy));
    for (const auto& [name, what] : told) {
        const auto pod = all_pods_.find({policy.name_space, name});
        if (pod && !std::ranges::contains(pods, pod)) pods.push_back(pod);
    }
    return pods;
}

awaitable<void> Drains::tell(Step step, api::DrainMark mark, bool is_new) {
    if (is_new) {
        co_await marks_.set(key_of(step.pod->metadata), mark, step.deadline);
        step.told[step.name()] = {.mark = mark};
    }
    Told& own = step.told.try_emplace(step.name(), Told{.mark = mark}).first->second;
    if (!mark.endpoint || own.has_agreed) co_return;
    const auto refusal =
        co_await endpoints_.ask(drain::Wish::Drain, step.pod->pod_ip, *mark.endpoint, step.asking);
    own.has_agreed = !refusal;
    if (refusal && *refusal != own.refusal) {
        step.log.warning("Pod was not asked to drain",
                         {{"pod", step.name()}, {"message", *refusal}});
    }
    own.refusal = refusal.value_or("");
}

awaitable<void> Drains::take_back(Step step, api::DrainMark mark) {
    co_await marks_.take_back(key_of(step.pod->metadata), step.deadline);
    step.told[step.name()] = {.mark = mark, .is_taken_back = true};
    step.log.info("Pod drains no more", {{"pod", step.name()}});
    if (!mark.endpoint) co_return;
    const auto refusal = co_await endpoints_.ask(drain::Wish::TakeBack, step.pod->pod_ip,
                                                 *mark.endpoint, step.asking);
    if (refusal) {
        step.log.warning("Pod stays closed", {{"pod", step.name()}, {"message", *refusal}});
    }
}

void index_by_drain(runtime::Store<api::Pod>& pods) {
    pods.add_index(kByDrain, [](const api::Pod& pod) -> std::vector<std::string> {
        const auto policy = drains_for(pod);
        if (!policy) return {};
        return {index_value(*policy)};
    });
}

std::optional<api::ObjectKey> drains_for(const api::Pod& pod) {
    if (!pod.drain || pod.drain->policy.empty()) return std::nullopt;
    return api::ObjectKey{pod.metadata.name_space, pod.drain->policy};
}

}  // namespace chatflow
