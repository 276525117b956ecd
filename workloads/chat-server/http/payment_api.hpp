#pragma once

#include "libs/async/clock.hpp"
#include "libs/base/log.hpp"
#include "libs/http/router.hpp"
#include "workloads/chat-server/domain/webhook.hpp"
#include "workloads/chat-server/http/gate.hpp"
#include "workloads/chat-server/http/idempotency.hpp"
#include "workloads/chat-server/io/payment_gateway.hpp"
#include "workloads/chat-server/io/payment_repository.hpp"

#include <optional>
#include <string>

namespace chatflow::chat {

/// Payments: asked for by users, carried out by the worker's queue, settled by the gateway's answer
/// or webhook, looked at by admins. One executor only.
class PaymentApi {
 public:
    /// All outlive it. `secrets` sign what the gateway and the worker send.
    PaymentApi(Clock& clock, PaymentRepository& payments, PaymentGateway& gateway,
               const Secrets& secrets, Log log);

    void add_routes(http::Router& router, Gate& gate, Idempotency& idempotency);

 private:
    awaitable<http::Response> pay(const http::Request& request, const Identity& who,
                                  const Operation& operation);
    awaitable<http::Response> show(const http::Request& request, const Identity& who);
    awaitable<http::Response> list(const http::Request& request, const Identity& who);
    awaitable<http::Response> list_reviews(const http::Request& request, const Identity& who);
    awaitable<http::Response> review(const http::Request& request, const Identity& who);
    awaitable<http::Response> webhook(const http::Request& request);
    awaitable<http::Response> job(const http::Request& request);

    awaitable<http::Response> charge(std::string id, Deadline deadline);
    [[nodiscard]] std::optional<http::Response> refuse_unsigned(const http::Request& request);

    Clock& clock_;
    PaymentRepository& payments_;
    PaymentGateway& gateway_;
    const Secrets& secrets_;
    Log log_;
};

}  // namespace chatflow::chat
