#pragma once

#include "libs/async/clock.hpp"
#include "libs/http/router.hpp"
#include "workloads/chat-server/domain/gate_settings.hpp"
#include "workloads/chat-server/domain/identity.hpp"
#include "workloads/chat-server/http/authenticator.hpp"

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace chatflow::chat {

class Metrics;
class Positions;
class RateLimiter;

/// Which limit a route counts against.
enum class LimitName { Api, Auth, Export, Webhook };

/// Stands before the handlers of the API: who sends it, may he, and how often. What it refuses no
/// handler sees. One executor only.
class Gate {
 public:
    /// `authenticator` null: authentication is off, and every identity empty. `positions` null:
    /// there are no replicas, and reads need not be told how new to be.
    Gate(Clock& clock, GateSettings settings, Authenticator* authenticator, RateLimiter& limiter,
         Positions* positions, Metrics& metrics);

    /// From the next request on.
    void use(GateSettings settings) { settings_ = std::move(settings); }

    using MemberHandler =
        std::function<awaitable<http::Response>(const http::Request&, const Identity&)>;

    /// A handler for everybody; for those who are logged in; and for moderators and admins. What
    /// they return lives no longer than the gate.
    [[nodiscard]] http::Handler open(LimitName limit, http::Handler handler);
    [[nodiscard]] http::Handler members(MemberHandler handler, LimitName limit = LimitName::Api);
    [[nodiscard]] http::Handler moderators(MemberHandler handler);
    [[nodiscard]] http::Handler admins(MemberHandler handler);

    /// Why the sender is not let in, known before the body is read; nothing when he is.
    [[nodiscard]] std::optional<http::Response> refuse(const http::Request& request);

 private:
    struct Passage;

    [[nodiscard]] std::expected<Identity, http::Response> identify(const http::Request& request);
    [[nodiscard]] std::string client_of(const http::Request& request) const;
    [[nodiscard]] std::optional<RateLimit> limit_of(LimitName name) const;
    awaitable<http::Response> pass(const Passage& passage, const http::Request& request);
    awaitable<http::Response> handle(const Passage& passage, const http::Request& request,
                                     Identity identity, std::string client);

    Clock& clock_;
    GateSettings settings_;
    Authenticator* authenticator_;
    RateLimiter& limiter_;
    Positions* positions_;
    Metrics& metrics_;
};

}  // namespace chatflow::chat
