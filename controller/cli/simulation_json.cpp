#include "controller/cli/simulation_report.hpp"
#include "libs/base/time.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

namespace chatflow::cli {
namespace {

using nlohmann::json;
using simulation::Run;
using simulation::Settings;

constexpr double kHour = 3600;

double rounded(double value) { return std::round(value * 1000) / 1000; }

json changes_json(const Run& run) {
    json changes = json::array();
    for (const simulation::Change& change : run.changes) {
        changes.push_back({{"at", format_rfc3339(change.at)},
                           {"from", change.from},
                           {"to", change.to},
                           {"message", change.message}});
    }
    return changes;
}

json settings_json(const Settings& settings) {
    return {{"requestMilli", settings.request},
            {"limitMilli", settings.limit_or_request()},
            {"podStartSeconds", settings.pod_start.count()},
            {"metricLagSeconds", settings.metric_lag.count()},
            {"metricWindowSeconds", settings.metric_window.count()},
            {"fullPercent", settings.full_percent}};
}

}  // namespace

json summary_json(const Run& run) {
    const simulation::Summary& sum = run.summary;
    const double load = static_cast<double>(sum.load);
    const double unserved = static_cast<double>(sum.unserved);
    json summary = {
        {"name", run.name},
        {"hours", rounded(static_cast<double>(sum.span.count()) / kHour)},
        {"underProvisionedMinutes",
         rounded(static_cast<double>(sum.under_provisioned.count()) / 60)},
        {"longestUnderProvisionedSeconds", sum.longest_under.count()},
        {"shortfallUnitHours", rounded(static_cast<double>(sum.shortfall) / 1000 / kHour)},
        {"unservedPercent", load > 0 ? rounded(100 * unserved / load) : 0},
        {"podHours", rounded(static_cast<double>(sum.pod_seconds) / kHour)},
        {"changes", sum.changes},
        {"flips", sum.flips},
        {"mostReplicas", sum.most_replicas}};
    if (sum.predicted_slots > 0) {
        summary["coveragePercent"] = rounded(100.0 * sum.covered_slots / sum.predicted_slots);
        summary["predictingHours"] = rounded(static_cast<double>(sum.predicting.count()) / kHour);
    }
    return summary;
}

json simulation_json(std::span<const Run> runs, const Settings& settings) {
    json list = json::array();
    for (const Run& run : runs) {
        json object = summary_json(run);
        object["changeList"] = changes_json(run);
        list.push_back(std::move(object));
    }
    return {{"settings", settings_json(settings)}, {"runs", std::move(list)}};
}

}  // namespace chatflow::cli
