#include "workloads/worker/payment.hpp"

#include "libs/base/text.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace chatflow::worker {
namespace {

constexpr std::size_t kCodeMax = 100;  // bytes of a code that a reason quotes

// Refusals that another day may cure.
constexpr std::array<std::string_view, 6> kPassing = {"insufficient_funds",  "try_again_later",
                                                      "processing_error",    "issuer_unavailable",
                                                      "gateway_unavailable", "rate_limited"};

std::string code_of_refusal(std::string_view body) {
    const auto json = nlohmann::json::parse(body, nullptr, false);
    if (!json.is_object() || !json.contains("code") || !json["code"].is_string()) return "";
    return std::string(cut(json["code"].get<std::string>(), kCodeMax));
}

}  // namespace

PaymentDecision decide_payment(int status, std::string_view body) {
    if (status >= 200 && status < 300) return {PaymentStep::Done, ""};
    const std::string answered = "the gateway answered " + std::to_string(status);
    if (status >= 500 || status == 408 || status == 409 || status == 425 || status == 429) {
        return {PaymentStep::Retry, answered};
    }
    const std::string code = code_of_refusal(body);
    if (code.empty()) return {PaymentStep::Review, answered + " without a code"};
    const bool is_passing = std::ranges::find(kPassing, code) != kPassing.end();
    return {is_passing ? PaymentStep::Retry : PaymentStep::Review, answered + ": " + code};
}

}  // namespace chatflow::worker
