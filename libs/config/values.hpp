#pragma once

#include "libs/base/field_error.hpp"
#include "libs/base/log.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace chatflow::config {

/// Where a server listens.
struct Address {
    std::string host = "0.0.0.0";
    std::uint16_t port = 0;

    bool operator==(const Address&) const = default;
};

// Each puts a text into its place. What it returns is expected of the text, in words for whoever
// set it; "" when the text could be used. The place stays as it was when it could not.

[[nodiscard]] std::string store_long(long& place, const std::string& text, long least, long most);

template <class Number>
[[nodiscard]] std::string store_number(Number& place, const std::string& text, long least,
                                       long most) {
    long number = 0;
    auto error = store_long(number, text, least, most);
    if (error.empty()) place = static_cast<Number>(number);
    return error;
}

/// A number in the unit of `place`.
template <class Duration>
[[nodiscard]] std::string store_time(Duration& place, const std::string& text, long least,
                                     long most) {
    long number = 0;
    auto error = store_long(number, text, least, most);
    if (error.empty()) place = Duration(number);
    return error;
}

/// "0.0.0.0:8080", "[::]:8080".
[[nodiscard]] std::string store_address(Address& place, const std::string& text);
/// Any text but "".
[[nodiscard]] std::string store_name(std::string& place, const std::string& text);
/// The path of a file that can be read now.
[[nodiscard]] std::string store_readable_path(std::string& place, const std::string& path);
[[nodiscard]] std::string store_log_level(LogLevel& place, const std::string& text);

/// How a setting is called in a file: HTTP_ADDRESS is http_address.
[[nodiscard]] std::string file_key(std::string name);

/// A YAML map of texts, by its keys; nothing and an error for any other file.
[[nodiscard]] std::map<std::string, std::string> read_file(std::string_view yaml,
                                                           FieldErrors& errors);

constexpr std::string_view kSettingsHeading =
    "Settings (environment; or in the file of --config, in lower case):\n";
/// The setting's line under that heading, for --help.
[[nodiscard]] std::string describe(const std::string& name, std::string_view meaning,
                                   std::string_view fallback);

}  // namespace chatflow::config
