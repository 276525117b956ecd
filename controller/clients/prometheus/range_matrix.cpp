#include "controller/clients/prometheus/range_matrix.hpp"

#include "libs/base/text.hpp"

#include <charconv>
#include <cmath>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::prom {
namespace {

using nlohmann::json;
using Samples = std::vector<std::optional<std::int64_t>>;

constexpr std::size_t kErrorTextMax = 200;
// Sums over a day of seconds still fit 64 bits.
constexpr double kValueMax = 1e12;

std::unexpected<api::MetricError> unreadable(std::string_view what) {
    return std::unexpected(api::MetricError{"UnreadableAnswer", std::string(what)});
}

std::optional<std::int64_t> milli_of(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_read = error == std::errc{} && end == text.data() + text.size();
    if (!is_read || !std::isfinite(value) || value < 0 || value > kValueMax) return std::nullopt;
    return std::llround(value * 1000);
}

Samples on_grid(const json& values, const Range& range) {
    Samples samples(range.points());
    const double from = std::chrono::duration<double>(range.from.time_since_epoch()).count();
    for (const json& pair : values) {
        const bool is_pair =
            pair.is_array() && pair.size() == 2 && pair[0].is_number() && pair[1].is_string();
        if (!is_pair) continue;
        const double steps =
            (pair[0].get<double>() - from) / static_cast<double>(range.step.count());
        const double index = std::round(steps);
        if (index < 0 || index >= static_cast<double>(samples.size())) continue;
        samples[static_cast<std::size_t>(index)] = milli_of(pair[1].get<std::string>());
    }
    return samples;
}

}  // namespace

std::expected<Samples, api::MetricError> read_range(std::string_view body, const Range& range) {
    const json answer = json::parse(body, nullptr, false);
    if (!answer.is_object()) return unreadable("Prometheus' answer is no JSON object");
    if (answer.value("status", json()) != "success") {
        const json words = answer.value("error", json("unknown error"));
        return std::unexpected(api::MetricError{
            "QueryFailed",
            printable(
                cut(words.is_string() ? words.get<std::string>() : words.dump(), kErrorTextMax))});
    }
    const json data = answer.value("data", json());
    const json result = data.is_object() ? data.value("result", json()) : json();
    if (!result.is_array()) return unreadable("Prometheus' answer has no data.result");
    if (result.empty()) {
        return std::unexpected(
            api::MetricError{"EmptyResult", "the query has no data in this time"});
    }
    if (result.size() > 1) {
        return std::unexpected(api::MetricError{
            "QueryFailed",
            fmt::format("the query yields {} series: make it one, as with sum()", result.size())});
    }
    const json& series = result.front();
    if (!series.is_object() || !series.contains("values") || !series["values"].is_array()) {
        return unreadable("Prometheus' answer is no matrix");
    }
    return on_grid(series["values"], range);
}

}  // namespace chatflow::prom
