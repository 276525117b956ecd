#include "libs/http/response.hpp"

#include "libs/http/body_source.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace chatflow::http {
namespace {

bool has_no_body(int status) { return status / 100 == 1 || status == 204 || status == 304; }

void append_number(std::string& out, std::size_t number) {
    char digits[20];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
    out.append(digits, end);
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

/// A handler may pass on text that it was given: a line break in it would begin a new header.
void append_foreign_header(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ");
    const auto begin = static_cast<std::ptrdiff_t>(out.size());
    out.append(value);
    std::replace_if(
        out.begin() + begin, out.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; },
        ' ');
    out.append("\r\n");
}

/// How the peer finds the end of the body; without any of it, by the end of the connection.
void append_length(std::string& out, const Response& response, const ResponseFraming& framing) {
    const auto size = response.source ? response.source->size() : response.body.size();
    if (size) {
        out.append("Content-Length: ");
        append_number(out, static_cast<std::size_t>(*size));
        out.append("\r\n");
    } else if (!framing.is_http_1_0) {
        append_header(out, "Transfer-Encoding", "chunked");
    }
}

}  // namespace

Response text(int status, std::string body) {
    return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::move(body)};
}

Response json(int status, std::string body) {
    return {.status = status, .content_type = "application/json", .body = std::move(body)};
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 100:
            return "Continue";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 402:
            return "Payment Required";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 411:
            return "Length Required";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Status";
    }
}

void append_response(std::string& out, const Response& response, const ResponseFraming& framing) {
    const bool no_body = has_no_body(response.status);
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::size_t>(response.status));
    out.append(" ").append(reason_phrase(response.status)).append("\r\n");
    if (!framing.date.empty()) append_header(out, "Date", framing.date);
    if (!response.content_type.empty()) append_header(out, "Content-Type", response.content_type);
    if (!no_body) append_length(out, response, framing);
    if (!framing.keep_alive) {
        append_header(out, "Connection", "close");
    } else if (framing.is_http_1_0) {
        append_header(out, "Connection", "keep-alive");
    }
    for (const auto& [name, value] : response.headers) append_foreign_header(out, name, value);
    out.append("\r\n");
    if (!no_body && !framing.head_only) out.append(response.body);
}

}  // namespace chatflow::http
