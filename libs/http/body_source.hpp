#pragma once

#include "libs/async/awaitable.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace chatflow::http {

/// A body that is not in memory: read piece by piece, as fast as the peer takes it.
class BodySource {
 public:
    BodySource() = default;
    BodySource(const BodySource&) = delete;
    BodySource& operator=(const BodySource&) = delete;
    virtual ~BodySource() = default;

    /// Bytes of all pieces; nothing where only the end shows how many there are.
    [[nodiscard]] virtual std::optional<std::uint64_t> size() const = 0;
    /// The next one, "" when there is none. What it throws ends the connection.
    [[nodiscard]] virtual awaitable<std::string> next() = 0;
};

}  // namespace chatflow::http
