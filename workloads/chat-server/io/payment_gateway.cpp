#include "workloads/chat-server/io/payment_gateway.hpp"

namespace chatflow::chat {

awaitable<ChargeResult> SandboxGateway::charge(const Payment& payment, Deadline /*deadline*/) {
    using enum ChargeResult::Outcome;
    const std::string& method = payment.what.method;
    if (method == "tok_ok") co_return ChargeResult{Succeeded};
    if (method == "tok_later") co_return ChargeResult{Pending};
    if (method == "tok_down") co_return ChargeResult{Unavailable};
    if (method == "tok_insufficient") co_return ChargeResult{Refused, "insufficient_funds"};
    if (method == "tok_declined") co_return ChargeResult{Refused, "card_declined"};
    co_return ChargeResult{Refused, "invalid_method"};
}

}  // namespace chatflow::chat
