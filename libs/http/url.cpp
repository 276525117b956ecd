#include "libs/http/url.hpp"

#include "libs/base/number.hpp"

#include <algorithm>
#include <cstddef>

namespace chatflow::http {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    const auto port = parse_number<std::uint16_t>(text);
    return port && *port != 0 ? port : std::nullopt;
}

// Host and port into `url`; false when they cannot be read.
bool take_authority(std::string_view authority, HttpUrl& url) {
    if (authority.contains('@')) return false;
    std::string_view rest;
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        if (end == std::string_view::npos) return false;
        url.host = authority.substr(1, end - 1);
        rest = authority.substr(end + 1);
    } else {
        const auto end = std::min(authority.find(':'), authority.size());
        url.host = authority.substr(0, end);
        rest = authority.substr(end);
    }
    if (url.host.empty()) return false;
    if (rest.empty()) return true;
    const auto port = rest.starts_with(':') ? parse_port(rest.substr(1)) : std::nullopt;
    if (port) url.port = *port;
    return port.has_value();
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, PlusSign plus) {
    const auto* const coded = plus == PlusSign::MeansSpace ? "%+" : "%";
    if (text.find_first_of(coded) == std::string_view::npos) return std::string(text);
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus == PlusSign::MeansSpace) {
            decoded += ' ';
        } else if (text[i] != '%') {
            decoded += text[i];
        } else {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_digit(text[i + 1]);
            const int low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            decoded += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return decoded;
}

std::optional<HttpUrl> parse_http_url(std::string_view text) {
    const auto is_odd = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
    if (text.size() > kUrlBytesMax || std::ranges::any_of(text, is_odd)) return std::nullopt;
    constexpr std::string_view kPlain = "http://";
    constexpr std::string_view kTls = "https://";
    HttpUrl url;
    url.is_tls = text.starts_with(kTls);
    if (!url.is_tls && !text.starts_with(kPlain)) return std::nullopt;
    if (url.is_tls) url.port = 443;
    text.remove_prefix(url.is_tls ? kTls.size() : kPlain.size());
    text = text.substr(0, text.find('#'));
    const auto end = std::min(text.find_first_of("/?"), text.size());
    if (!take_authority(text.substr(0, end), url)) return std::nullopt;
    if (end < text.size()) {
        url.target = text.substr(end);
        if (url.target.front() == '?') url.target.insert(0, "/");
    }
    return url;
}

}  // namespace chatflow::http
