#pragma once

#include "libs/base/field_error.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace chatflow::chat {

/// An error that a client has met.
struct ErrorReport {
    std::string message;
    std::string stack;
    std::string url;
    std::string release;
};
/// {"message","stack"?,"url"?,"release"?}
[[nodiscard]] std::expected<ErrorReport, FieldErrors> parse_error_report(std::string_view body);

/// What alike errors have in common: the message and the innermost line of the stack, with numbers,
/// ids and addresses left out.
[[nodiscard]] std::string common_text(const ErrorReport& report);

/// The report in full, as JSON.
[[nodiscard]] std::string to_json(const ErrorReport& report);

/// Whether an error comes far more often than before: ten or more in five minutes, and more than
/// three times what five minutes had in the hour before.
[[nodiscard]] bool is_spike(std::int64_t last_five_minutes, std::int64_t hour_before);

}  // namespace chatflow::chat
