#include "controller/api/scaling_case_codec.hpp"
#include "controller/domain/scaling/decide.hpp"
#include "controller/domain/scaling/status.hpp"

#include <algorithm>
#include <chrono>
#include <random>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

// One decision of the controller; the bound of the design is 5 µs for 50 pods.
//   hack/dev sh -c 'cmake --preset release && ninja -C build/release decide_bench &&
//                   build/release/tests/bench/decide_bench'

namespace chatflow::scaling {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNow{std::chrono::sys_days{std::chrono::year{2026} / 3 / 14} + 12h};

enum class SampleOrder { OfPods, Sorted, Shuffled };

api::ScalingPolicySpec band_policy() {
    api::ScalingPolicySpec spec;
    spec.target_ref = {"apps/v1", "Deployment", "chat-server"};
    spec.min_replicas = 2;
    spec.max_replicas = 1000;
    api::MetricSpec metric;
    metric.resource = api::ResourceMetric{"cpu", api::UtilizationBand{70, 30, 60}, {}};
    spec.metrics = {metric};
    return spec;
}

api::Observation observation(std::int64_t pods, std::int64_t usage_milli, SampleOrder order) {
    api::Observation seen;
    seen.now = kNow;
    seen.replicas = {static_cast<std::int32_t>(pods), static_cast<std::int32_t>(pods)};
    api::PodSamples samples;
    for (std::int64_t i = 0; i < pods; ++i) {
        api::CasePod pod;
        pod.name = "chat-server-6d4b75cb6d-" + std::to_string(100000 + i);
        pod.start_time = kNow - 2h;
        pod.ready_transition_time = kNow - 119min;
        pod.containers = {{"server",
                           {{"cpu", api::Quantity::from_milli(500)},
                            {"memory", api::Quantity::from_units(std::int64_t{256} << 20)}}}};
        samples.pods.push_back({.pod = pod.name,
                                .containers = {{"server", api::Quantity::from_milli(usage_milli)}},
                                .value = {},
                                .timestamp = kNow - 12s,
                                .window_seconds = 30});
        seen.pods.push_back(std::move(pod));
    }
    std::mt19937 random(1);
    if (order != SampleOrder::OfPods) {
        std::ranges::shuffle(seen.pods, random);
    }
    if (order == SampleOrder::Shuffled) {
        std::ranges::shuffle(samples.pods, random);
    }
    seen.metrics = {std::move(samples)};
    for (int i = 0; i < 10; ++i) {
        seen.history.recommendations.push_back({kNow - std::chrono::seconds{i * 15}, 40 - i});
    }
    return seen;
}

void Decide(benchmark::State& state, std::int64_t usage_milli, SampleOrder order) {
    const auto spec = band_policy();
    const auto seen = observation(state.range(0), usage_milli, order);
    for (auto _ : state) {
        benchmark::DoNotOptimize(decide(spec, seen));
    }
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK_CAPTURE(Decide, hold, 250, SampleOrder::OfPods)->Arg(5)->Arg(50)->Arg(500);
BENCHMARK_CAPTURE(Decide, scale_up, 450, SampleOrder::OfPods)->Arg(50);
BENCHMARK_CAPTURE(Decide, sorted_samples, 450, SampleOrder::Sorted)->Arg(50);
BENCHMARK_CAPTURE(Decide, shuffled_samples, 450, SampleOrder::Shuffled)->Arg(50);

void NextStatus(benchmark::State& state) {
    api::ScalingPolicy policy;
    policy.spec = band_policy();
    const auto seen = observation(state.range(0), 450, SampleOrder::OfPods);
    const auto decision = decide(policy.spec, seen);
    for (auto _ : state) {
        benchmark::DoNotOptimize(next_status(policy, seen, decision, Applied::Yes));
    }
}
BENCHMARK(NextStatus)->Arg(5)->Arg(50);

/// A line of `kubectl chatflow decide`: parse, decide, print.
void DecideLine(benchmark::State& state) {
    const std::string line =
        to_json(api::CaseFile{"1", band_policy(),
                              observation(state.range(0), 450, SampleOrder::OfPods)})
            .dump();
    for (auto _ : state) {
        const auto file = api::parse_case_text(line);
        const auto decision = decide(file->spec, file->observation);
        benchmark::DoNotOptimize(to_json(*file, decision).dump());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(line.size()));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(DecideLine)->Arg(2)->Arg(5)->Arg(50);

}  // namespace
}  // namespace chatflow::scaling
