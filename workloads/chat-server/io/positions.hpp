#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/postgres/lsn.hpp"
#include "workloads/chat-server/io/batcher.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::postgres {
class Pool;
}
namespace chatflow::redis {
class Client;
}

namespace chatflow::chat {

/// Up to where in the primary's log each client has written, `position:<client>` in Redis, so that
/// its reads show it on every pod. Kept for as long as replicas may be behind. One executor only.
class Positions {
 public:
    /// `lag_max`: a read never shows anything older.
    Positions(asio::any_io_executor executor, redis::Client& redis, postgres::Pool& pool,
              std::chrono::milliseconds lag_max);

    /// 0 for who has not written lately; postgres::kNewest while it cannot be known.
    [[nodiscard]] awaitable<postgres::Lsn> of(std::string client);

    /// After a write: where it is committed for sure. Nothing when the primary did not say so.
    [[nodiscard]] awaitable<std::optional<postgres::Lsn>> advance(std::string client,
                                                                  Deadline deadline);

 private:
    struct Question {};
    [[nodiscard]] bool is_redis_trusted();

    redis::Client& redis_;
    postgres::Pool& pool_;
    std::chrono::milliseconds life_;
    std::uint64_t connection_ = 0;  // which of the client's
    Deadline distrust_until_ = Deadline::after({});
    Batcher<Question, postgres::Lsn> looks_;  // one look answers all who ask meanwhile
};

}  // namespace chatflow::chat
