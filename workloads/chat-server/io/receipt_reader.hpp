#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/log.hpp"
#include "libs/events/consumer.hpp"

#include <string>

namespace chatflow::postgres {
class Pool;
}
namespace chatflow::redis {
class Client;
}

namespace chatflow::chat {

/// Keeps the receipts that gateways were given: they hand them over on the event bus, where each
/// goes to one of the pods. One executor.
class ReceiptReader {
 public:
    /// `pod`: no other process has this name.
    ReceiptReader(redis::Client& redis, postgres::Pool& pool, std::string pod, Log log);

    /// Until cancelled.
    [[nodiscard]] awaitable<void> run() { return consumer_.run(); }

 private:
    awaitable<void> keep(const events::Event& event);

    postgres::Pool& pool_;
    events::Consumer consumer_;
};

}  // namespace chatflow::chat
