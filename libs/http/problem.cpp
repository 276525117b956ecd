#include "libs/http/problem.hpp"

#include <string>

#include <nlohmann/json.hpp>

namespace chatflow::http {

Response problem(int status, std::string_view detail, const FieldErrors& errors) {
    nlohmann::ordered_json body = {
        {"type", "about:blank"}, {"title", reason_phrase(status)}, {"status", status}};
    if (!detail.empty()) body["detail"] = detail;
    for (const FieldError& error : errors) {
        body["errors"].push_back({{"path", error.path}, {"message", error.message}});
    }
    // Foreign bytes that are not UTF-8 are replaced rather than thrown upon.
    return {.status = status,
            .content_type = "application/problem+json",
            .body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

}  // namespace chatflow::http
