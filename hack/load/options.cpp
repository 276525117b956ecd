#include "hack/load/options.hpp"

#include "libs/base/number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace chatflow::load {
namespace {

constexpr std::string_view kScheme = "http://";
using namespace std::chrono_literals;

// What a chat platform begins with, what one well-tuned pod is to carry, and what several behind a
// load balancer are to. A user does something once a second, or, of 4,000, every two seconds.
constexpr std::array<Scenario, 3> kScenarios = {
    {{.name = "users-400", .users = 400, .rate = 400, .accounts = 40, .ramp = 5s},
     {.name = "users-1000", .users = 1'000, .rate = 1'000, .accounts = 100, .ramp = 5s},
     {.name = "users-4000", .users = 4'000, .rate = 2'000, .accounts = 200, .ramp = 10s}}};

constexpr double kDurationMaxMs = 24.0 * 3600 * 1000;

// A number at the beginning of `text`; what follows it stays there.
std::optional<double> take_number(std::string_view& text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || !(number >= 0)) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

std::optional<double> milliseconds_of(std::string_view unit) {
    if (unit == "ms") return 1;
    if (unit.empty() || unit == "s") return 1000;
    if (unit == "m") return 60'000;
    if (unit == "h") return 3'600'000;
    return std::nullopt;
}

}  // namespace

std::span<const Scenario> scenarios() { return kScenarios; }

const Scenario* find_scenario(std::string_view name) {
    const auto* const found = std::ranges::find(kScenarios, name, &Scenario::name);
    return found == kScenarios.end() ? nullptr : found;
}

void apply(const Scenario& scenario, Options& options) {
    options.connections = scenario.users;
    options.rate = scenario.rate;
    options.accounts = scenario.accounts;
    options.rooms = scenario.accounts;
    options.ramp = scenario.ramp;
    options.mix = Mix::Chat;
}

std::expected<Target, std::string> parse_url(std::string_view text) {
    const auto expected = std::unexpected(std::string("must be like http://chat-server:8080"));
    if (!text.starts_with(kScheme)) return expected;
    text.remove_prefix(kScheme.size());
    if (text.ends_with('/')) text.remove_suffix(1);
    if (text.find_first_of("/?#@ ") != std::string_view::npos) return expected;
    Target target;
    const auto colon = text.rfind(':');
    if (colon != std::string_view::npos && !text.ends_with(']')) {
        const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
        if (!port || *port == 0) return expected;
        target.port = *port;
        text = text.substr(0, colon);
    }
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    if (text.empty()) return expected;
    target.host = text;
    return target;
}

std::expected<double, std::string> parse_rate(std::string_view text) {
    const auto number = take_number(text);
    if (!number || *number > kRateMax || (!text.empty() && text != "/s")) {
        return std::unexpected("must be requests per second, for instance 250, at most 1000000");
    }
    return *number;
}

std::expected<std::chrono::milliseconds, std::string> parse_duration(std::string_view text) {
    const auto number = take_number(text);
    const auto unit = milliseconds_of(text);
    if (!number || !unit || *number * *unit > kDurationMaxMs) {
        return std::unexpected("must be a time like 90s, 5m or 250ms, at most 24h");
    }
    return std::chrono::milliseconds(static_cast<std::int64_t>(*number * *unit));
}

std::expected<Mix, std::string> parse_mix(std::string_view text) {
    for (const Mix mix : {Mix::Read, Mix::Write, Mix::Mixed, Mix::Chat}) {
        if (text == name_of(mix)) return mix;
    }
    return std::unexpected("must be read, write, mixed or chat");
}

std::string_view name_of(Mix mix) {
    switch (mix) {
        case Mix::Read:
            return "read";
        case Mix::Write:
            return "write";
        case Mix::Mixed:
            return "mixed";
        case Mix::Chat:
            return "chat";
    }
    return "";
}

}  // namespace chatflow::load
