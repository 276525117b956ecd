#include "controller/cli/load_csv.hpp"

#include "libs/base/text.hpp"

#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>

#include <fmt/format.h>

namespace chatflow::cli {
namespace {

using prediction::LoadSeries;

// Beyond it a product with seconds does not fit 64 bits.
constexpr double kLoadMax = 1e9;
constexpr std::size_t kShownBytesMax = 40;

struct Row {
    TimePoint at{};
    std::optional<std::int64_t> load;
};

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\"");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\"") - first + 1);
}

std::optional<double> number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<TimePoint> time_of(std::string_view text) {
    if (const auto seconds = number(text)) {
        // 1970 to 9999; what is beyond is milliseconds, most likely.
        if (!(*seconds >= 0 && *seconds < 253'402'300'800.0)) return std::nullopt;
        return TimePoint{std::chrono::seconds{static_cast<std::int64_t>(*seconds)}};
    }
    return parse_rfc3339(text);
}

std::string shown(std::string_view text) {
    return fmt::format("\"{}\"", printable(cut(text, kShownBytesMax)));
}

std::expected<Row, std::string> parse_row(std::string_view line) {
    const auto comma = line.find_first_of(",;\t");
    if (comma == std::string_view::npos) {
        return std::unexpected(shown(line) + " is not of the form time,load");
    }
    const auto rest = line.substr(comma + 1);
    const std::string_view load = trimmed(rest.substr(0, rest.find_first_of(",;\t")));
    const auto at = time_of(trimmed(line.substr(0, comma)));
    if (!at) {
        return std::unexpected(shown(trimmed(line.substr(0, comma))) +
                               " is no time: write 2026-01-05T00:00:00Z or seconds since 1970");
    }
    if (load.empty()) return Row{*at, std::nullopt};
    const auto value = number(load);
    if (!value || *value < 0 || *value > kLoadMax) {
        return std::unexpected(
            fmt::format("{} is no load: write a number from 0 to {:g}", shown(load), kLoadMax));
    }
    if (std::isnan(*value)) return Row{*at, std::nullopt};
    return Row{*at, static_cast<std::int64_t>(std::llround(*value * 1000))};
}

/// Puts rows on the grid of the first two.
class Grid {
 public:
    /// Empty when the row fits.
    std::string add(const Row& row) {
        if (load_.samples.empty()) {
            load_.start = row.at;
            load_.samples.push_back(row.load);
            return {};
        }
        const auto past = row.at - load_.start;
        if (load_.samples.size() == 1) {
            const auto step = std::chrono::floor<std::chrono::seconds>(past);
            if (step.count() < 1) return "the times must rise by at least one second";
            load_.step = step;
        }
        if (past % load_.step != std::chrono::microseconds{0}) {
            return fmt::format("the step is {} s by the first two lines, this time is between",
                               load_.step.count());
        }
        const std::int64_t index = past / load_.step;
        if (index < std::ssize(load_.samples)) return "the times must rise";
        if (index >= static_cast<std::int64_t>(kLoadSamplesMax)) {
            return fmt::format("beyond {} samples", kLoadSamplesMax);
        }
        load_.samples.resize(static_cast<std::size_t>(index));
        load_.samples.push_back(row.load);
        return {};
    }

    [[nodiscard]] LoadSeries take() { return std::move(load_); }

 private:
    LoadSeries load_;
};

/// A first line of words names the columns.
bool is_heading(std::string_view line) {
    return !line.empty() && std::isdigit(static_cast<unsigned char>(line.front())) == 0;
}

}  // namespace

std::expected<LoadSeries, std::string> parse_load_csv(std::string_view text) {
    Grid grid;
    bool is_first = true;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::string_view line = trimmed(text.substr(0, text.find('\n')));
        text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
        if (line.empty() || line.front() == '#') continue;
        const bool skip = is_first && is_heading(line);
        is_first = false;
        if (skip) continue;
        const auto row = parse_row(line);
        if (!row) return std::unexpected(fmt::format("line {}: {}", number, row.error()));
        if (const auto error = grid.add(*row); !error.empty()) {
            return std::unexpected(fmt::format("line {}: {}", number, error));
        }
    }
    LoadSeries load = grid.take();
    if (load.samples.size() < 2) {
        return std::unexpected(
            fmt::format("{} samples are no recording: at least two lines of time,load are needed",
                        load.samples.size()));
    }
    return load;
}

std::string to_csv(const LoadSeries& load) {
    std::string text = "time,load\n";
    for (std::size_t i = 0; i < load.samples.size(); ++i) {
        const TimePoint at = load.start + load.step * static_cast<std::int64_t>(i);
        fmt::format_to(std::back_inserter(text), "{},", format_rfc3339(at));
        if (load.samples[i]) {
            fmt::format_to(std::back_inserter(text), "{}.{:03}", *load.samples[i] / 1000,
                           *load.samples[i] % 1000);
        }
        text += '\n';
    }
    return text;
}

}  // namespace chatflow::cli
