#pragma once

#include "libs/base/time.hpp"
#include "workloads/chat-server/domain/signed_link.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace chatflow::chat {

/// How old, or how far ahead, a signed message may be.
constexpr std::chrono::seconds kWebhookTolerance{300};

enum class WebhookVerdict { Good, Malformed, Forged, Late };

/// Whether `header`, "t=<seconds>,v1=<HMAC-SHA256 of t.body>[,v1=…]", is the signature of these
/// very bytes by one of the secrets, and was made within the tolerance. Several v1: the sender
/// changes its secret. The signature is looked at before the time, so that a forger learns nothing.
[[nodiscard]] WebhookVerdict check_webhook(std::string_view header, std::string_view body,
                                           const Secrets& secrets, TimePoint now);

/// The header that check_webhook() takes.
[[nodiscard]] std::string webhook_signature(std::string_view body, const std::string& secret,
                                            TimePoint now);

}  // namespace chatflow::chat
