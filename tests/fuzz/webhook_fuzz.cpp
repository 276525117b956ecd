// A signature that nobody made with our secret is never good.
#include "workloads/chat-server/domain/webhook.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace chatflow;
    using namespace chatflow::chat;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto line = text.find('\n');  // the header, then the body
    if (line == std::string_view::npos) return 0;
    const TimePoint now{std::chrono::seconds(1'800'000'000)};
    const Secrets secrets = {"a secret that is in no corpus: 2f6c1e", "another: 9b0d44"};
    const std::string_view body = text.substr(line + 1);
    const auto verdict = check_webhook(text.substr(0, line), body, secrets, now);
    if (verdict == WebhookVerdict::Good || verdict == WebhookVerdict::Late) std::abort();
    const std::string ours = webhook_signature(body, secrets[1], now);
    if (check_webhook(ours, body, secrets, now) != WebhookVerdict::Good) std::abort();
    return 0;
}
