#include "controller/clients/kube/api_error.hpp"

#include <charconv>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::kube {

namespace {

using nlohmann::json;

constexpr std::size_t kMessageBytesMax = 1024;  // of a body that is no Status

std::string text_of(const json& object, const char* field) {
    const auto found = object.find(field);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::vector<ErrorCause> causes_of(const json& details) {
    std::vector<ErrorCause> causes;
    const auto listed = details.find("causes");
    if (listed == details.end() || !listed->is_array()) return causes;
    for (const json& cause : *listed) {
        if (!cause.is_object()) continue;
        causes.push_back({.reason = text_of(cause, "reason"),
                          .message = text_of(cause, "message"),
                          .field = text_of(cause, "field")});
    }
    return causes;
}

std::optional<ApiError::Parts> read_status(std::string_view text) {
    const json status = json::parse(text, nullptr, false);
    if (!status.is_object() || text_of(status, "kind") != "Status") return std::nullopt;
    ApiError::Parts parts;
    const auto code = status.find("code");
    if (code != status.end() && code->is_number_integer()) parts.code = code->get<int>();
    parts.reason = text_of(status, "reason");
    parts.message = text_of(status, "message");
    const auto details = status.find("details");
    if (details == status.end() || !details->is_object()) return parts;
    parts.causes = causes_of(*details);
    const auto retry = details->find("retryAfterSeconds");
    if (retry != details->end() && retry->is_number_integer() && *retry > 0) {
        parts.retry_after = std::chrono::seconds(retry->get<std::int64_t>());
    }
    return parts;
}

// Only the form in seconds; API servers send no dates.
std::optional<std::chrono::seconds> retry_after_of(const clients::HttpHeaders& headers) {
    const std::string* value = clients::find_header(headers, "Retry-After");
    if (!value) return std::nullopt;
    std::int64_t seconds = 0;
    const char* end = value->data() + value->size();
    const auto [rest, error] = std::from_chars(value->data(), end, seconds);
    if (error != std::errc() || rest != end || seconds < 0) return std::nullopt;
    return std::chrono::seconds(seconds);
}

std::string summary_of(const ApiError::Parts& parts) {
    std::string text = "API server says " + std::to_string(parts.code);
    if (!parts.reason.empty()) text += " " + parts.reason;
    if (!parts.message.empty()) text += ": " + parts.message;
    return text;
}

}  // namespace

ApiError::ApiError(Parts parts) : std::runtime_error(summary_of(parts)), parts_(std::move(parts)) {}

ApiError error_from_response(const clients::HttpResponse& response) {
    ApiError::Parts parts;
    if (auto status = read_status(response.body)) {
        parts = std::move(*status);
    } else {
        parts.message = response.body.substr(0, kMessageBytesMax);
    }
    parts.code = response.status;
    if (const auto retry = retry_after_of(response.headers)) parts.retry_after = retry;
    return ApiError(std::move(parts));
}

ApiError error_from_status(std::string_view status_json) {
    if (auto status = read_status(status_json)) return ApiError(std::move(*status));
    return ApiError({.code = 500, .message = std::string(status_json.substr(0, kMessageBytesMax))});
}

}  // namespace chatflow::kube
