#pragma once

#include "libs/async/clock.hpp"
#include "libs/base/log.hpp"
#include "workloads/chat-server/domain/uuid.hpp"
#include "workloads/chat-server/http/gate.hpp"
#include "workloads/chat-server/io/idempotency_store.hpp"

#include <functional>
#include <optional>
#include <string>

namespace chatflow::chat {

/// What a request makes.
struct Operation {
    std::string id;         // UUID: what is made gets it
    bool is_keyed = false;  // the same request may come again, with the same id
};

/// Stands before handlers that make things. A request with an Idempotency-Key is carried out once:
/// sent again it gets the first answer, 409 while the first one runs, 422 when it differs. What was
/// refused has done nothing and leaves its key free. One executor only.
class Idempotency {
 public:
    Idempotency(Clock& clock, IdempotencyStore& store, Log log);

    using Maker = std::function<awaitable<http::Response>(const http::Request&, const Identity&,
                                                          const Operation&)>;

    /// Answers again for what the first request has made; nothing: as the first time.
    using Repeater = std::function<awaitable<std::optional<http::Response>>(
        const http::Request&, const Identity&, std::string location)>;

    /// What it returns lives no longer than this. `repeat`: for answers that do not stay good.
    [[nodiscard]] Gate::MemberHandler once(Maker maker, Repeater repeat = {});

 private:
    awaitable<http::Response> pass(const Maker& maker, const Repeater& repeat,
                                   const http::Request& request, const Identity& who);
    awaitable<http::Response> carry_out(const Maker& maker, const http::Request& request,
                                        const Identity& who, KeyedRequest keyed, std::string id);
    awaitable<void> settle(KeyedRequest keyed, const http::Response* response, Deadline deadline);

    Clock& clock_;
    IdempotencyStore& store_;
    Log log_;
    UuidGenerator ids_;
};

}  // namespace chatflow::chat
