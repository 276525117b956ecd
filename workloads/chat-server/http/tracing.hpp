#pragma once

#include "libs/http/request.hpp"

#include <string>

namespace chatflow::chat {

/// For the data of jobs. "" where the request has no trace.
[[nodiscard]] inline std::string traceparent_of(const http::Request& request) {
    return request.trace ? to_traceparent(*request.trace) : std::string();
}

/// For what a room is told: only when the client asked, since all who are in it get the bytes.
[[nodiscard]] inline std::string given_traceparent(const http::Request& request) {
    return request.is_trace_given ? traceparent_of(request) : std::string();
}

/// For log lines.
[[nodiscard]] inline std::string trace_id_of(const http::Request& request) {
    return request.trace ? request.trace->trace_id : std::string();
}

}  // namespace chatflow::chat
