#include "workloads/chat-server/domain/signed_link.hpp"

#include "libs/auth/hmac.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace chatflow::chat {
namespace {

constexpr std::int64_t kWindow = 3600;  // seconds

std::int64_t seconds_of(TimePoint at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

std::string signed_text(std::string_view name, std::string_view expires) {
    return std::string("file\n").append(name).append("\n").append(expires);
}

}  // namespace

Secrets parse_secrets(std::string_view text) {
    Secrets secrets;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
        if (!line.empty()) secrets.emplace_back(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return secrets;
}

std::string link_query(std::string_view name, const Secrets& secrets, TimePoint now) {
    const std::string expires = std::to_string((seconds_of(now) / kWindow + 2) * kWindow);
    return "?expires=" + expires +
           "&signature=" + auth::hmac_sha256_hex(secrets.front(), signed_text(name, expires));
}

LinkVerdict check_link(std::string_view name, std::string_view expires, std::string_view signature,
                       const Secrets& secrets, TimePoint now) {
    const std::string text = signed_text(name, expires);
    const auto is_of = [&](const std::string& secret) {
        return auth::is_same_secret(auth::hmac_sha256_hex(secret, text), signature);
    };
    if (!std::ranges::any_of(secrets, is_of)) return LinkVerdict::Forged;
    std::int64_t until = 0;
    std::from_chars(expires.data(), expires.data() + expires.size(), until);
    return seconds_of(now) < until ? LinkVerdict::Good : LinkVerdict::Expired;
}

}  // namespace chatflow::chat
