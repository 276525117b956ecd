#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "workloads/chat-server/domain/payment.hpp"

#include <string>

namespace chatflow::chat {

/// What a gateway answers when it is asked to take the money.
struct ChargeResult {
    enum class Outcome {
        Succeeded,
        Pending,      // it tells later, by webhook
        Refused,      // `code` says why
        Unavailable,  // it may work later
    };
    Outcome outcome = Outcome::Unavailable;
    std::string code = {};
};

/// Takes money. Asked twice for one payment it takes it once: the payment's id is the key.
class PaymentGateway {
 public:
    virtual ~PaymentGateway() = default;
    [[nodiscard]] virtual awaitable<ChargeResult> charge(const Payment& payment,
                                                         Deadline deadline) = 0;
};

/// Takes no money: the payment's method says what comes of it. tok_ok succeeds, tok_later is told
/// by webhook, tok_declined and tok_insufficient are refused, tok_down is unavailable.
class SandboxGateway final : public PaymentGateway {
 public:
    [[nodiscard]] awaitable<ChargeResult> charge(const Payment& payment,
                                                 Deadline deadline) override;
};

}  // namespace chatflow::chat
