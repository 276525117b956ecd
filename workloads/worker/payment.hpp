#pragma once

#include <string>
#include <string_view>

namespace chatflow::worker {

enum class PaymentStep {
    Done,
    Retry,   // it may work later: the gateway is busy, or the account is empty today
    Review,  // people have to look at it
};

struct PaymentDecision {
    PaymentStep step = PaymentStep::Review;
    std::string reason;

    bool operator==(const PaymentDecision&) const = default;
};

/// What follows from a payment gateway's answer: its status and, of a refusal, the member "code" of
/// its JSON. A refusal that we do not know is for people.
[[nodiscard]] PaymentDecision decide_payment(int status, std::string_view body);

}  // namespace chatflow::worker
