#include "controller/domain/scaling/pod_groups.hpp"

#include "controller/domain/scaling/replica_math.hpp"
#include "controller/domain/scaling/sample_index.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace chatflow::scaling {
namespace {

enum class Group { Ready, Unready, Missing, Stale, Ignored };

/// The sum over containers, or of the one container; nothing where there is no such sample.
std::optional<std::int64_t> usage_of(const api::PodSample& sample, const PodRules& rules) {
    if (rules.resource == nullptr || sample.containers.empty()) {
        const bool usable = sample.value && rules.container == nullptr;
        return usable ? std::optional{sample.value->milli()} : std::nullopt;
    }
    std::int64_t sum = 0;
    bool found = rules.container == nullptr;
    for (const api::ContainerUsage& container : sample.containers) {
        if (rules.container == nullptr || container.name == *rules.container) {
            sum = capped_sum(sum, container.usage.milli());
            found = true;
        }
    }
    return found ? std::optional{sum} : std::nullopt;
}

/// A part of a pod is no measure of it: of an app that was killed under load only a quiet sidecar
/// would count, and pods would go.
bool is_whole(const api::CasePod& pod, const api::PodSample& sample, const PodRules& rules) {
    const bool is_in_parts = rules.resource != nullptr && !sample.containers.empty();
    if (!rules.whole_pods || !is_in_parts || rules.container != nullptr) return true;
    return std::ranges::all_of(pod.containers, [&](const api::CaseContainer& container) {
        return std::ranges::contains(sample.containers, container.name, &api::ContainerUsage::name);
    });
}

/// The pod's own request where the pod as a whole has any, else the sum over containers. Nothing
/// where one is missing.
std::optional<std::int64_t> request_of(const api::CasePod& pod, const PodRules& rules) {
    if (!pod.requests.empty() && rules.container == nullptr) {
        const auto found = pod.requests.find(*rules.resource);
        return found == pod.requests.end() ? std::nullopt : std::optional{found->second.milli()};
    }
    std::int64_t sum = 0;
    for (const api::CaseContainer& container : pod.containers) {
        if (rules.container != nullptr && container.name != *rules.container) {
            continue;
        }
        const auto found = container.requests.find(*rules.resource);
        if (found == container.requests.end()) {
            return std::nullopt;
        }
        sum = capped_sum(sum, found->second.milli());
    }
    return sum;
}

/// A starting pod burns CPU that says nothing about load: HPA's rule for leaving it out.
bool is_cpu_unready(const api::CasePod& pod, const api::PodSample& sample, const PodRules& rules,
                    TimePoint now) {
    if (pod.ready == api::ReadyStatus::Absent || !pod.start_time) {
        return true;
    }
    const bool not_ready = pod.ready == api::ReadyStatus::False;
    const TimePoint transition = pod.ready_transition_time.value_or(TimePoint{});
    if (*pod.start_time + rules.cpu_initialization_period > now) {
        const std::chrono::seconds window{sample.window_seconds.value_or(0)};
        return not_ready || sample.timestamp.value_or(now) < transition + window;
    }
    const bool never_ready = *pod.start_time + rules.initial_readiness_delay > transition;
    return not_ready && never_ready;
}

Group group_of(const api::CasePod& pod, const api::PodSample* sample, bool has_usage,
               const PodRules& rules, TimePoint now) {
    if (pod.deletion_timestamp || pod.phase == api::PodPhase::Failed) {
        return Group::Ignored;
    }
    if (pod.phase == api::PodPhase::Pending) {
        return Group::Unready;
    }
    if (sample == nullptr || !has_usage) {
        return Group::Missing;
    }
    if (rules.max_age && now - sample->timestamp.value_or(now) > *rules.max_age) {
        return Group::Stale;
    }
    if (rules.resource != nullptr && *rules.resource == "cpu" &&
        is_cpu_unready(pod, *sample, rules, now)) {
        return Group::Unready;
    }
    return Group::Ready;
}

void add(PodGroups& groups, Group group, const api::PodSample* sample, std::int64_t usage,
         std::int64_t request, const PodRules& rules) {
    switch (group) {
        case Group::Ready:
            ++groups.ready;
            groups.usage = capped_sum(groups.usage, usage);
            groups.requests = capped_sum(groups.requests, request);
            if (sample->timestamp &&
                (!groups.oldest_sample || *sample->timestamp < *groups.oldest_sample)) {
                groups.oldest_sample = sample->timestamp;
            }
            break;
        case Group::Unready:
            ++groups.unready;
            groups.unready_requests = capped_sum(groups.unready_requests, request);
            break;
        case Group::Stale:
            ++groups.stale;
            [[fallthrough]];
        case Group::Missing:
            ++groups.missing;
            groups.missing_requests = capped_sum(groups.missing_requests, request);
            groups.missing_usage = capped_sum(groups.missing_usage,
                                              capped_product(request, rules.missing_percent) / 100);
            break;
        case Group::Ignored:
            ++groups.ignored;
            break;
    }
}

void add_strangers(PodGroups& groups, const std::vector<api::CasePod>& pods,
                   const api::PodSamples& samples, const PodRules& rules) {
    std::set<std::string_view> known;
    for (const api::CasePod& pod : pods) {
        known.insert(pod.name);
    }
    for (const api::PodSample& sample : samples.pods) {
        const auto usage = usage_of(sample, rules);
        if (usage && !known.contains(sample.pod)) {
            ++groups.strangers;
            groups.strangers_usage = capped_sum(groups.strangers_usage, *usage);
        }
    }
}

void note_lack(PodGroups& groups, const api::PodSample& sample) {
    if (groups.without_container == nullptr || sample.pod < groups.without_container->pod) {
        groups.without_container = &sample;
    }
}

}  // namespace

PodGroups group_pods(const std::vector<api::CasePod>& pods, const api::PodSamples& samples,
                     const PodRules& rules, TimePoint now) {
    PodGroups groups;
    SampleIndex index(samples.pods);
    std::size_t matched = 0;
    for (const api::CasePod& pod : pods) {
        const api::PodSample* sample = index.find(pod.name);
        matched += sample != nullptr ? 1 : 0;
        const auto usage = sample != nullptr ? usage_of(*sample, rules) : std::nullopt;
        const bool is_measured = usage && is_whole(pod, *sample, rules);
        if (sample != nullptr && rules.container != nullptr && !usage) note_lack(groups, *sample);
        std::optional<std::int64_t> request = 0;
        if (rules.with_requests) {
            request = request_of(pod, rules);
            if (!request &&
                (groups.without_request == nullptr || pod.name < groups.without_request->name)) {
                groups.without_request = &pod;
            }
        }
        const Group group = group_of(pod, sample, is_measured, rules, now);
        add(groups, group, sample, usage.value_or(0), request.value_or(0), rules);
    }
    if (rules.count_strangers && matched < samples.pods.size()) {
        add_strangers(groups, pods, samples, rules);
    }
    return groups;
}

std::int32_t count_ready(const std::vector<api::CasePod>& pods) {
    return static_cast<std::int32_t>(std::ranges::count_if(pods, [](const api::CasePod& pod) {
        return pod.phase == api::PodPhase::Running && pod.ready == api::ReadyStatus::True;
    }));
}

}  // namespace chatflow::scaling
