#include "workloads/chat-server/domain/webhook.hpp"

#include "libs/auth/hmac.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace chatflow::chat {
namespace {

constexpr std::size_t kHeaderMax = 1024;
constexpr std::size_t kSignaturesMax = 5;

std::int64_t seconds_of(TimePoint at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

struct Parsed {
    std::string_view time;  // as sent: this text is signed
    std::int64_t seconds = 0;
    std::vector<std::string_view> signatures;
};

bool parse_time(std::string_view text, std::int64_t& seconds) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, seconds);
    return error == std::errc{} && stop == end && seconds >= 0;
}

// Members that are not known are for versions to come.
std::optional<Parsed> parse(std::string_view header) {
    if (header.size() > kHeaderMax) return std::nullopt;
    Parsed parsed;
    while (!header.empty()) {
        const auto end = std::min(header.find(','), header.size());
        const std::string_view member = header.substr(0, end);
        header.remove_prefix(std::min(end + 1, header.size()));
        if (member.starts_with("t=")) {
            if (!parsed.time.empty()) return std::nullopt;
            parsed.time = member.substr(2);
        } else if (member.starts_with("v1=")) {
            if (parsed.signatures.size() == kSignaturesMax) return std::nullopt;
            parsed.signatures.push_back(member.substr(3));
        }
    }
    if (parsed.signatures.empty() || !parse_time(parsed.time, parsed.seconds)) return std::nullopt;
    return parsed;
}

std::string signature_of(std::string_view time, std::string_view body, const std::string& secret) {
    return auth::hmac_sha256_hex(secret, std::string(time).append(".").append(body));
}

}  // namespace

WebhookVerdict check_webhook(std::string_view header, std::string_view body, const Secrets& secrets,
                             TimePoint now) {
    const auto parsed = parse(header);
    if (!parsed) return WebhookVerdict::Malformed;
    const auto is_of = [&](const std::string& secret) {
        const std::string expected = signature_of(parsed->time, body, secret);
        return std::ranges::any_of(parsed->signatures, [&](std::string_view given) {
            return auth::is_same_secret(expected, given);
        });
    };
    if (!std::ranges::any_of(secrets, is_of)) return WebhookVerdict::Forged;
    const std::int64_t age = seconds_of(now) - parsed->seconds;
    const bool is_timely = age <= kWebhookTolerance.count() && -age <= kWebhookTolerance.count();
    return is_timely ? WebhookVerdict::Good : WebhookVerdict::Late;
}

std::string webhook_signature(std::string_view body, const std::string& secret, TimePoint now) {
    const std::string time = std::to_string(seconds_of(now));
    return "t=" + time + ",v1=" + signature_of(time, body, secret);
}

}  // namespace chatflow::chat
