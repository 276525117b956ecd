#include "workloads/chat-server/http/finisher.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <utility>

#include <zlib.h>

namespace chatflow::chat {
namespace {

using http::Method;
using http::Request;
using http::Response;

constexpr std::string_view kClientHeaders =
    "Authorization, Content-Type, Idempotency-Key, If-None-Match, Cache-Control, "
    "Chatflow-Position, traceparent, tracestate";
constexpr std::string_view kServerHeaders =
    "ETag, Location, Retry-After, RateLimit, RateLimit-Policy, Idempotency-Replayed, "
    "Chatflow-Position, traceresponse";
constexpr std::size_t kStandingHeaders = 8;  // that every answer gets, about
constexpr int kGzipLevel = 4;                // beyond it time grows faster than texts get smaller
constexpr int kGzipWindow = 15 + 16;         // 16: with the header of gzip

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Takes what stands before the next `mark`, without blanks around it.
std::string_view take(std::string_view& rest, char mark) {
    const auto end = std::min(rest.find(mark), rest.size());
    const std::string_view item = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return item;
}

// q=0, q=0.0, q=0.000
bool is_refused(std::string_view parameters) {
    const std::string_view quality = trimmed(parameters);
    return quality.starts_with("q=0") &&
           quality.find_first_not_of("0.", 2) == std::string_view::npos;
}

const std::string* find(const Response& response, std::string_view name) {
    const auto found =
        std::ranges::find(response.headers, name, &std::pair<std::string_view, std::string>::first);
    return found == response.headers.end() ? nullptr : &found->second;
}

void add_if_none(Response& response, std::string_view name, std::string_view value) {
    if (find(response, name) == nullptr) response.headers.emplace_back(name, value);
}

// Weak: the same text may come as it is, or compressed.
std::string tag_of(std::string_view body) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string tag = "W/\"";
    for (auto rest = std::hash<std::string_view>{}(body); rest != 0; rest >>= 4U) {
        tag += kDigits[rest & 15U];
    }
    return tag + "-" + std::to_string(body.size()) + "\"";
}

bool is_text(std::string_view content_type) {
    return content_type.starts_with("application/json") ||
           content_type.starts_with("application/x-ndjson") || content_type.starts_with("text/");
}

void protect(Response& response, bool is_read) {
    response.headers.reserve(response.headers.size() + kStandingHeaders);
    add_if_none(response, "X-Content-Type-Options", "nosniff");
    add_if_none(response, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    add_if_none(response, "Referrer-Policy", "no-referrer");
    add_if_none(response, "Strict-Transport-Security", "max-age=31536000");
    // What one user sees is no shared cache's; a browser asks each time whether it has changed.
    add_if_none(response, "Cache-Control",
                is_read && response.status == 200 ? "private, no-cache" : "no-store");
}

void tag(const Request& request, Response& response) {
    if (response.status != 200 || (response.body.empty() && !response.source)) return;
    if (find(response, "ETag") == nullptr) {
        if (response.source || !is_text(response.content_type)) return;
        response.headers.emplace_back("ETag", tag_of(response.body));
    }
    const auto known = request.header("If-None-Match");
    if (!known || !names_tag(*known, *find(response, "ETag"))) return;
    response.status = 304;
    response.content_type = {};
    response.body.clear();
    response.source.reset();
}

void compress(const Request& request, Response& response) {
    if (response.body.size() < Finisher::kGzipFrom || !is_text(response.content_type)) return;
    response.headers.emplace_back("Vary", "Accept-Encoding");
    if (!takes_gzip(request.header("Accept-Encoding").value_or(""))) return;
    response.body = gzip(response.body);
    response.headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace

bool takes_gzip(std::string_view accept_encoding) {
    bool takes_all = false;
    while (!accept_encoding.empty()) {
        std::string_view item = take(accept_encoding, ',');
        const std::string_view coding = take(item, ';');
        if (coding == "gzip" || coding == "x-gzip") return !is_refused(item);
        if (coding == "*") takes_all = !is_refused(item);
    }
    return takes_all;
}

bool names_tag(std::string_view if_none_match, std::string_view tag) {
    const auto opaque = [](std::string_view text) {
        return text.starts_with("W/") ? text.substr(2) : text;
    };
    if (trimmed(if_none_match) == "*") return true;
    while (!if_none_match.empty()) {
        if (opaque(take(if_none_match, ',')) == opaque(tag)) return true;
    }
    return false;
}

std::string gzip(std::string_view text) {
    z_stream stream{};
    if (deflateInit2(&stream, kGzipLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::runtime_error("zlib has no memory");
    }
    std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int result = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (result != Z_STREAM_END) throw std::runtime_error("zlib did not compress");
    return out;
}

void Finisher::finish(const Request& request, Response& response) const {
    const bool is_read = request.method == Method::Get || request.method == Method::Head;
    protect(response, is_read);
    if (!origins_.empty()) allow_origin(request, response);
    if (is_read) tag(request, response);
    compress(request, response);
}

void Finisher::allow_origin(const Request& request, Response& response) const {
    response.headers.emplace_back("Vary", "Origin");
    const auto origin = request.header("Origin");
    if (!origin) return;
    const bool is_allowed = std::ranges::any_of(
        origins_, [&](const std::string& allowed) { return allowed == "*" || allowed == *origin; });
    if (!is_allowed) return;
    response.headers.emplace_back("Access-Control-Allow-Origin", std::string(*origin));
    const bool is_preflight = request.method == Method::Options &&
                              request.header("Access-Control-Request-Method").has_value();
    if (!is_preflight) {
        response.headers.emplace_back("Access-Control-Expose-Headers", kServerHeaders);
        return;
    }
    if (const std::string* methods = find(response, "Allow")) {
        response.headers.emplace_back("Access-Control-Allow-Methods", *methods);
    }
    response.headers.emplace_back("Access-Control-Allow-Headers", kClientHeaders);
    response.headers.emplace_back("Access-Control-Max-Age", "600");
}

}  // namespace chatflow::chat
