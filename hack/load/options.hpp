#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace chatflow::load {

/// Where the requests go.
struct Target {
    std::string host;  // name or address, an IPv6 address without brackets
    std::string port = "80";

    bool operator==(const Target&) const = default;
};

enum class Mix { Read, Write, Mixed };

struct Options {
    Target target;
    std::uint32_t connections = 32;
    double rate = 100;  // requests per second of all connections; 0: as many as are answered
    std::chrono::milliseconds duration{60'000};
    std::chrono::milliseconds ramp{0};  // time until the whole rate is reached
    std::uint32_t rooms = 16;
    Mix mix = Mix::Mixed;
    bool as_json = false;
};

constexpr std::uint32_t kConnectionsMax = 10'000;
constexpr std::uint32_t kRoomsMax = 1'000;
constexpr double kRateMax = 1'000'000;

/// These say what is expected when the text cannot be used.

/// "http://chat-server:8080", with or without a slash at the end.
[[nodiscard]] std::expected<Target, std::string> parse_url(std::string_view text);
/// "250" or "250/s".
[[nodiscard]] std::expected<double, std::string> parse_rate(std::string_view text);
/// "90", "90s", "1.5m", "250ms", "1h".
[[nodiscard]] std::expected<std::chrono::milliseconds, std::string> parse_duration(
    std::string_view text);
/// "read", "write", "mixed".
[[nodiscard]] std::expected<Mix, std::string> parse_mix(std::string_view text);
[[nodiscard]] std::string_view name_of(Mix mix);

}  // namespace chatflow::load
