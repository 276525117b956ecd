#include "controller/domain/simulation/cluster.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace chatflow::simulation {
namespace {

// Before the recording began, the initial pods had long been there.
constexpr std::chrono::hours kAgeAtStart{24};

const std::string& container_of(const api::MetricSpec& metric) {
    static const std::string name = "app";
    return metric.container_resource ? metric.container_resource->container : name;
}

bool is_of_the_target(const api::MetricSpec& metric) {
    return metric.object || metric.external || metric.prometheus;
}

}  // namespace

Cluster::Cluster(const Settings& settings, const api::MetricSpec& metric, std::int32_t replicas,
                 std::int64_t first_load, TimePoint start)
    : settings_(settings),
      metric_(metric),
      start_(start),
      load_(first_load),
      recent_(
          static_cast<std::size_t>((settings.metric_lag + settings.metric_window).count() + 1)) {
    seen_.metrics.resize(1);
    scale_to(replicas);
    for (api::CasePod& pod : seen_.pods) {
        pod.start_time = start - kAgeAtStart;
        pod.phase = api::PodPhase::Running;
        pod.ready = api::ReadyStatus::True;
        pod.ready_transition_time = start - kAgeAtStart;
    }
    std::ranges::fill(ready_at_, -std::chrono::seconds{kAgeAtStart}.count());
    ready_ = ready_at_.size();
    before_ = {share_of(first_load), first_load, 0};
}

void Cluster::begin_second() {
    while (ready_ < ready_at_.size() && ready_at_[ready_] <= second_) {
        api::CasePod& pod = seen_.pods[ready_];
        pod.phase = api::PodPhase::Running;
        pod.ready = api::ReadyStatus::True;
        pod.ready_transition_time = now();
        ++ready_;
    }
}

api::Observation& Cluster::observe() {
    seen_.now = now();
    seen_.metrics.front() = measured();
    return seen_;
}

void Cluster::scale_to(std::int32_t replicas) {
    const auto wanted = static_cast<std::size_t>(std::max(replicas, 0));
    while (seen_.pods.size() < wanted) {
        seen_.pods.push_back(new_pod());
        ready_at_.push_back(second_ + settings_.pod_start.count());
        ++named_;
    }
    seen_.pods.resize(wanted);
    ready_at_.resize(wanted);
    ready_ = std::min(ready_, wanted);
    seen_.replicas = {replicas, replicas};
}

void Cluster::serve(std::optional<std::int64_t> load) {
    recent_[static_cast<std::size_t>(second_) % recent_.size()] = total_;
    load_ = load.value_or(load_);
    total_.share += share_of(load_);
    total_.load += load_;
    total_.missing += load ? 0 : 1;
    ++second_;
}

std::int64_t Cluster::share_of(std::int64_t load) const {
    if (ready_ == 0) return 0;
    return std::min(load / static_cast<std::int64_t>(ready_), settings_.limit_or_request());
}

Cluster::Sums Cluster::sums_at(std::int64_t second) const {
    if (second < 0) return {second * before_.share, second * before_.load, 0};
    if (second >= second_) return total_;
    return recent_[static_cast<std::size_t>(second) % recent_.size()];
}

api::CasePod Cluster::new_pod() const {
    api::CasePod pod;
    pod.name = fmt::format("pod-{}", named_);
    pod.phase = api::PodPhase::Pending;
    pod.ready = api::ReadyStatus::False;
    pod.ready_transition_time = now();
    pod.start_time = now();
    pod.containers = {
        {container_of(metric_), {{"cpu", api::Quantity::from_milli(settings_.request)}}}};
    return pod;
}

api::MetricReading Cluster::measured() const {
    const std::int64_t to = second_ - settings_.metric_lag.count();
    const std::int64_t from = to - settings_.metric_window.count();
    const TimePoint taken = start_ + std::chrono::seconds{to};
    const Sums first = sums_at(from);
    const Sums last = sums_at(to);
    if (last.missing > first.missing) {
        return api::MetricError{"EmptyResult", "the recording has no sample for this time"};
    }
    if (is_of_the_target(metric_)) {
        const std::int64_t mean = (last.load - first.load) / (to - from);
        return api::MetricValues{{api::Quantity::from_milli(mean)}, taken};
    }
    api::PodSamples samples;
    samples.pods.reserve(ready_);
    for (std::size_t i = 0; i < ready_ && ready_at_[i] < to; ++i) {
        samples.pods.push_back(sample_of(i, from, to));
    }
    return samples;
}

api::PodSample Cluster::sample_of(std::size_t pod, std::int64_t from, std::int64_t to) const {
    const std::int64_t worked = sums_at(to).share - sums_at(std::max(from, ready_at_[pod])).share;
    const auto usage = api::Quantity::from_milli(worked / (to - from));
    api::PodSample sample;
    sample.pod = seen_.pods[pod].name;
    if (metric_.pods) {
        sample.value = usage;
    } else {
        sample.containers = {{container_of(metric_), usage}};
    }
    sample.timestamp = start_ + std::chrono::seconds{to};
    sample.window_seconds = static_cast<std::int32_t>(settings_.metric_window.count());
    return sample;
}

}  // namespace chatflow::simulation
