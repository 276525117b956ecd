#include "hack/load/tally.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::load {
namespace {

double milliseconds(Latencies::Time time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

std::string in_milliseconds(Latencies::Time time) {
    return fmt::format("{:.1f} ms", milliseconds(time));
}

std::string reasons(const Tally& tally) {
    std::string text;
    for (const auto& [reason, count] : tally.failed) {
        text += fmt::format("{}{}: {}", text.empty() ? "  (" : ", ", reason, count);
    }
    return text.empty() ? text : text + ")";
}

std::string percentiles_text(const Latencies& times) {
    return fmt::format(
        "p50 {}, p90 {}, p95 {}, p99 {}, max {}", in_milliseconds(times.percentile(0.5)),
        in_milliseconds(times.percentile(0.9)), in_milliseconds(times.percentile(0.95)),
        in_milliseconds(times.percentile(0.99)), in_milliseconds(times.max()));
}

nlohmann::ordered_json percentiles_json(const Latencies& times) {
    return {{"p50", milliseconds(times.percentile(0.5))},
            {"p90", milliseconds(times.percentile(0.9))},
            {"p95", milliseconds(times.percentile(0.95))},
            {"p99", milliseconds(times.percentile(0.99))},
            {"p99.9", milliseconds(times.percentile(0.999))},
            {"max", milliseconds(times.max())}};
}

double rate(std::uint64_t count, std::chrono::duration<double> length) {
    return length.count() > 0 ? static_cast<double>(count) / length.count() : 0;
}

}  // namespace

void Tally::add(const Tally& other) {
    succeeded += other.succeeded;
    not_sent += other.not_sent;
    for (const auto& [reason, count] : other.failed) failed[reason] += count;
    connections_made += other.connections_made;
    latencies.add(other.latencies);
    for (std::size_t i = 0; i < kKinds; ++i) by_kind[i].add(other.by_kind[i]);
}

std::uint64_t Tally::failures() const {
    std::uint64_t all = 0;
    for (const auto& [reason, count] : failed) all += count;
    return all;
}

double Tally::failed_share() const {
    const std::uint64_t lost = failures() + not_sent;
    const std::uint64_t all = succeeded + lost;
    return all == 0 ? 1 : static_cast<double>(lost) / static_cast<double>(all);
}

bool Tally::meets(const Goal& goal) const {
    return latencies.percentile(0.95) < goal.p95 && failed_share() < goal.failed_share;
}

std::string progress_line(const Tally& second, std::chrono::seconds at,
                          std::chrono::duration<double> length) {
    return fmt::format(
        "{:>4} s  {:>7.0f}/s  errors {:<5} late {:<5} p50 {:<10} p95 {:<10} p99 {}{}", at.count(),
        rate(second.succeeded, length), second.failures(), second.not_sent,
        in_milliseconds(second.latencies.percentile(0.5)),
        in_milliseconds(second.latencies.percentile(0.95)),
        in_milliseconds(second.latencies.percentile(0.99)), reasons(second));
}

std::string summary_text(const Tally& whole, std::chrono::duration<double> length) {
    const Latencies& times = whole.latencies;
    std::string text;
    text += fmt::format("succeeded    {} in {:.1f} s, {:.1f}/s\n", whole.succeeded, length.count(),
                        rate(whole.succeeded, length));
    text += fmt::format("failed       {}{}\n", whole.failures(), reasons(whole));
    text += fmt::format("not sent     {}, more than 2 s late\n", whole.not_sent);
    text += fmt::format("latency      {}, p99.9 {}\n", percentiles_text(times),
                        in_milliseconds(times.percentile(0.999)));
    for (std::size_t i = 0; i < kKinds; ++i) {
        if (whole.by_kind[i].count() == 0) continue;
        text += fmt::format("  {:<10} {:>7}, {}\n", name_of(static_cast<Kind>(i)),
                            whole.by_kind[i].count(), percentiles_text(whole.by_kind[i]));
    }
    text += fmt::format("connections  {} made\n", whole.connections_made);
    return text;
}

std::string goal_text(const Goal& goal, bool is_met) {
    return fmt::format("p95 < {} ms and errors < {:g} %: {}", goal.p95.count(),
                       goal.failed_share * 100, is_met ? "met" : "missed");
}

std::string summary_json(const Tally& whole, std::chrono::duration<double> length) {
    const Latencies& times = whole.latencies;
    auto by_kind = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < kKinds; ++i) {
        if (whole.by_kind[i].count() == 0) continue;
        auto& kind = by_kind[std::string(name_of(static_cast<Kind>(i)))];
        kind = percentiles_json(whole.by_kind[i]);
        kind["count"] = whole.by_kind[i].count();
    }
    const nlohmann::ordered_json summary = {{"seconds", length.count()},
                                            {"succeeded", whole.succeeded},
                                            {"ratePerSecond", rate(whole.succeeded, length)},
                                            {"failed", whole.failures()},
                                            {"failedBy", whole.failed},
                                            {"notSent", whole.not_sent},
                                            {"failedShare", whole.failed_share()},
                                            {"latencyMs", percentiles_json(times)},
                                            {"byKind", by_kind},
                                            {"connectionsMade", whole.connections_made}};
    return summary.dump() + "\n";
}

}  // namespace chatflow::load
