#pragma once

#include "libs/redis/reply.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

struct redisReader;

namespace chatflow::redis {

/// Cuts a stream of bytes into replies (RESP2 and RESP3), by hiredis.
class ReplyReader {
 public:
    /// `reply_bytes_max`: bytes fed for one reply; above, next() throws ProtocolError.
    explicit ReplyReader(std::size_t reply_bytes_max);

    void feed(std::string_view bytes);

    /// The next whole reply, nothing when more bytes are needed. Throws ProtocolError when the
    /// bytes are not RESP or a reply is too long; the connection is of no use then.
    [[nodiscard]] std::optional<Reply> next();

 private:
    struct Free {
        void operator()(redisReader* reader) const;
    };
    std::unique_ptr<redisReader, Free> reader_;
    std::size_t reply_bytes_max_;
    std::size_t bytes_of_this_reply_ = 0;
};

}  // namespace chatflow::redis
