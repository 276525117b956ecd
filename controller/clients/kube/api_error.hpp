#pragma once

#include "controller/clients/http_transport.hpp"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace chatflow::kube {

/// One of Status.details.causes: {"FieldManagerConflict", "conflict with …", ".spec.replicas"}.
struct ErrorCause {
    std::string reason;
    std::string message;
    std::string field;

    bool operator==(const ErrorCause&) const = default;
};

/// The API server's refusal, as its Status object says it.
class ApiError : public std::runtime_error {
 public:
    struct Parts {
        int code = 0;
        std::string reason;  // "NotFound", "Conflict", "Expired", …; empty when unknown
        std::string message;
        std::optional<std::chrono::seconds> retry_after;
        std::vector<ErrorCause> causes;
    };
    explicit ApiError(Parts parts);

    [[nodiscard]] int code() const { return parts_.code; }
    [[nodiscard]] const std::string& reason() const { return parts_.reason; }
    [[nodiscard]] const std::string& message() const { return parts_.message; }
    [[nodiscard]] const std::optional<std::chrono::seconds>& retry_after() const {
        return parts_.retry_after;
    }
    [[nodiscard]] const std::vector<ErrorCause>& causes() const { return parts_.causes; }

    [[nodiscard]] bool is_not_found() const { return code() == 404; }
    [[nodiscard]] bool is_conflict() const { return code() == 409 && reason() == "Conflict"; }
    [[nodiscard]] bool already_exists() const {
        return code() == 409 && reason() == "AlreadyExists";
    }
    [[nodiscard]] bool is_gone() const { return code() == 410; }  // list again
    [[nodiscard]] bool is_invalid() const { return code() == 422; }

 private:
    Parts parts_;
};

/// From a response whose status is not 2xx; bodies that are no Status become the message.
[[nodiscard]] ApiError error_from_response(const clients::HttpResponse& response);

/// From the text of a Status object, as an ERROR event of a watch carries it.
[[nodiscard]] ApiError error_from_status(std::string_view status_json);

}  // namespace chatflow::kube
