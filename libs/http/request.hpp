#pragma once

#include "libs/base/deadline.hpp"
#include "libs/base/trace_context.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chatflow::http {

enum class Method { Get, Head, Post, Put, Patch, Delete, Options, Trace };

/// "GET"
[[nodiscard]] std::string_view name_of(Method method);

struct HeaderView {
    std::string_view name;
    std::string_view value;
};

/// A request as a handler sees it: complete, its body included. Every view lives until the handler
/// has returned its response; what is kept longer has to be copied.
struct Request {
    Method method = Method::Get;
    bool is_http_1_0 = false;
    std::string_view target;  // as sent: "/rooms/7?limit=5"
    std::string_view path;    // "/rooms/7", still percent-encoded
    std::string_view query;   // "limit=5", still percent-encoded
    std::string_view body;
    std::string_view route = "unmatched";  // the pattern that matched, a label of bounded values
    std::string_view remote;               // the peer's address, without port
    std::vector<HeaderView> headers;
    std::vector<std::pair<std::string_view, std::string>> parameters;  // of the route, decoded
    Deadline deadline = Deadline::at({});  // the handler answers by then

    /// Its trace, with a span of its own; the answer says it as `traceresponse`. The client's when
    /// it gave one, else begun here: for what changes something and for what failed. Other reads
    /// have none, unless ServerOptions asks for it.
    std::optional<TraceContext> trace = {};
    bool is_trace_given = false;

    /// The first header of that name; the name's case does not matter.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;

    /// All headers of that name as the one list that they are (RFC 9110 §5.3), "" without any. For
    /// headers whose value is a list: whoever passes a request on may add a line of its own.
    [[nodiscard]] std::string list(std::string_view name) const;

    /// What stood for {name} in the route. Empty when the route has no such parameter.
    [[nodiscard]] std::string_view parameter(std::string_view name) const;

    /// The first value of `name` in the query, decoded.
    [[nodiscard]] std::optional<std::string> query_value(std::string_view name) const;

    /// Whether Content-Type names this media type; parameters such as charset do not matter.
    [[nodiscard]] bool has_media_type(std::string_view media_type) const;
};

}  // namespace chatflow::http
