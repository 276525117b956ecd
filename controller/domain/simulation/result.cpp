#include "controller/domain/simulation/result.hpp"

#include "libs/base/text.hpp"

#include <algorithm>
#include <cmath>

namespace chatflow::simulation {
namespace {

constexpr std::size_t kNameBytesMax = 63;

api::Quantity rounded(double value) {
    return api::Quantity::from_milli(std::llround(value * 1000));
}

}  // namespace

api::SimulatedRun row_of(const Run& run) {
    const Summary& sum = run.summary;
    const double unserved =
        sum.load > 0 ? 100 * static_cast<double>(sum.unserved) / static_cast<double>(sum.load) : 0;
    return {.name = std::string(cut(run.name, kNameBytesMax)),
            .under_provisioned_seconds = sum.under_provisioned.count(),
            .longest_under_seconds = sum.longest_under.count(),
            .unserved_percent = rounded(unserved),
            .pod_seconds = sum.pod_seconds,
            .changes = sum.changes,
            .flips = sum.flips,
            .most_replicas = sum.most_replicas};
}

api::SimulationResult result_of(std::span<const Run> runs, TimePoint now) {
    api::SimulationResult result{
        .at = now, .from = runs.front().points.front().at, .to = runs.front().points.back().at};
    for (const Run& run : runs.first(std::min(runs.size(), api::kSimulatedRunsMax))) {
        result.runs.push_back(row_of(run));
    }
    return result;
}

}  // namespace chatflow::simulation
