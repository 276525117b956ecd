#include "controller/cli/simulate_arguments.hpp"

#include "controller/api/quantity.hpp"
#include "controller/cli/files.hpp"
#include "controller/cli/load_csv.hpp"
#include "controller/cli/load_query.hpp"
#include "controller/cli/progress_line.hpp"
#include "controller/cli/time_unit.hpp"
#include "controller/domain/simulation/generate.hpp"

#include <array>
#include <cctype>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace chatflow::cli {
namespace {

using simulation::Shape;

constexpr std::size_t kCsvBytesMax = std::size_t{64} << 20;
constexpr std::int64_t kDurationMax = 400LL * 86400;

std::chrono::seconds delay_of(const std::string& text, const char* option) {
    const auto delay = duration_of(text, option);
    if (delay > simulation::kDelayMax) {
        throw std::runtime_error(fmt::format("{} must be at most {} s, not {} s", option,
                                             simulation::kDelayMax.count(), delay.count()));
    }
    return delay;
}

std::int64_t amount_of(const std::string& text, const char* option) {
    const auto amount = api::Quantity::parse(text);
    if (!amount || amount->milli() < 1) {
        throw std::runtime_error(fmt::format(
            "{} must be an amount above 0, such as 200m or 2, not \"{}\"", option, text));
    }
    return amount->milli();
}

TimePoint moment_of(const std::string& text, const char* option, TimePoint now) {
    if (text == "now") return now;
    if (text.starts_with("now-")) return now - duration_of(text.substr(4), option);
    const auto at = parse_rfc3339(text);
    if (at) return *at;
    throw std::runtime_error(fmt::format(
        "{} must be a time such as 2026-01-05T00:00:00Z or now-7d, not \"{}\"", option, text));
}

prediction::LoadSeries queried(const SimulateArguments& arguments, TimePoint now) {
    if (arguments.query.empty()) {
        throw std::runtime_error(
            "--query is missing: the load of the whole target, such as "
            "'sum(rate(container_cpu_usage_seconds_total{namespace=\"chat\",pod=~\"chat-server-.*\""
            "}[1m]))'");
    }
    const auto step = duration_of(arguments.step, "--step");
    if (step.count() < 1) throw std::runtime_error("--step must be at least 1s");
    ProgressLine progress("reading");
    return read_load(
        {.url = arguments.prometheus,
         .token_file = arguments.token_file,
         .ca_file = arguments.ca_file,
         .query = arguments.query,
         .from = moment_of(arguments.from.empty() ? "now-7d" : arguments.from, "--from", now),
         .to = moment_of(arguments.to.empty() ? "now" : arguments.to, "--to", now),
         .step = step},
        [&](double part) { progress.show(part); });
}

prediction::LoadSeries generated(const SimulateArguments& arguments) {
    constexpr std::array<std::pair<std::string_view, Shape>, 3> kShapes = {
        {{"daily", Shape::Daily},
         {"flash-crowd", Shape::FlashCrowd},
         {"saw-tooth", Shape::SawTooth}}};
    for (const auto& [name, shape] : kShapes) {
        if (name != arguments.generated) continue;
        const auto span = arguments.span.empty() ? simulation::usual_span(shape)
                                                 : duration_of(arguments.span, "--span");
        if (span < std::chrono::minutes{1} || span > std::chrono::days{70}) {
            throw std::runtime_error("--span must be from 1m to 70d");
        }
        return simulation::generate(shape, arguments.seed, span);
    }
    throw std::runtime_error("--generate must be daily, flash-crowd or saw-tooth");
}

}  // namespace

std::chrono::seconds duration_of(const std::string& text, const char* option) {
    const auto refuse = [&] {
        return std::runtime_error(
            fmt::format("{} must be a time such as 90s, 15m, 2h or 7d, not \"{}\"", option, text));
    };
    std::int64_t total = 0;
    std::int64_t number = 0;
    bool has_digits = false;
    for (const char c : text) {
        if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
            number = number * 10 + (c - '0');
            has_digits = true;
        } else if (has_digits && seconds_per(c) > 0) {
            total += std::exchange(number, 0) * seconds_per(c);
            has_digits = false;
        } else {
            throw refuse();
        }
        if (number > kDurationMax || total > kDurationMax) throw refuse();
    }
    if (text.empty() || (has_digits && total > 0)) throw refuse();
    return std::chrono::seconds{total + number};
}

simulation::Settings settings_of(const SimulateArguments& arguments) {
    simulation::Settings settings;
    settings.request = amount_of(arguments.request, "--request");
    if (!arguments.limit.empty()) settings.limit = amount_of(arguments.limit, "--limit");
    settings.pod_start = delay_of(arguments.pod_start, "--pod-start");
    settings.metric_lag = delay_of(arguments.metric_lag, "--metric-lag");
    if (arguments.initial >= 0) settings.initial_replicas = arguments.initial;
    settings.full_percent = arguments.full_percent;
    settings.warm_up = duration_of(arguments.warm_up, "--warm-up");
    return settings;
}

prediction::LoadSeries load_of(const SimulateArguments& arguments, TimePoint now) {
    if (!arguments.generated.empty()) return generated(arguments);
    if (!arguments.prometheus.empty()) return queried(arguments, now);
    auto load = parse_load_csv(read_file(arguments.csv, kCsvBytesMax));
    if (!load) throw std::runtime_error(arguments.csv + ": " + load.error());
    return *std::move(load);
}

}  // namespace chatflow::cli
