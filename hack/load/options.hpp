#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace chatflow::load {

/// Where the requests go.
struct Target {
    std::string host;  // name or address, an IPv6 address without brackets
    std::uint16_t port = 80;

    bool operator==(const Target&) const = default;
};

/// Read, Write, Mixed: of one account. Chat: what people do, reads, sends, uploads and log-ins.
enum class Mix { Read, Write, Mixed, Chat };

struct Options {
    Target target;
    std::uint32_t connections = 32;
    double rate = 100;  // requests per second of all connections; 0: as many as are answered
    std::chrono::milliseconds duration{60'000};
    std::chrono::milliseconds ramp{0};  // time until the whole rate is reached
    std::uint32_t rooms = 16;
    std::uint32_t accounts = 1;  // each has its share of the rooms
    Mix mix = Mix::Mixed;
    bool as_json = false;
    std::string plot;  // a file for the picture; "": none
};

/// A load that has a name, and what it is to show.
struct Scenario {
    std::string_view name;
    std::uint32_t users;  // each with a connection of its own
    double rate;
    std::uint32_t accounts;
    std::chrono::milliseconds ramp;
};

/// What every scenario aims at.
struct Goal {
    std::chrono::milliseconds p95{200};
    double failed_share = 0.001;
};

constexpr std::uint32_t kConnectionsMax = 10'000;
constexpr std::uint32_t kRoomsMax = 1'000;
constexpr std::uint32_t kAccountsMax = 1'000;
constexpr double kRateMax = 1'000'000;

[[nodiscard]] std::span<const Scenario> scenarios();
[[nodiscard]] const Scenario* find_scenario(std::string_view name);
/// What the scenario says, for what was not said on the command line.
void apply(const Scenario& scenario, Options& options);

/// These say what is expected when the text cannot be used.

/// "http://chat-server:8080", with or without a slash at the end.
[[nodiscard]] std::expected<Target, std::string> parse_url(std::string_view text);
/// "250" or "250/s".
[[nodiscard]] std::expected<double, std::string> parse_rate(std::string_view text);
/// "90", "90s", "1.5m", "250ms", "1h".
[[nodiscard]] std::expected<std::chrono::milliseconds, std::string> parse_duration(
    std::string_view text);
/// "read", "write", "mixed", "chat".
[[nodiscard]] std::expected<Mix, std::string> parse_mix(std::string_view text);
[[nodiscard]] std::string_view name_of(Mix mix);

}  // namespace chatflow::load
