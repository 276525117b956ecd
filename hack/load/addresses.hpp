#pragma once

#include "hack/load/options.hpp"
#include "libs/async/awaitable.hpp"

#include <vector>

#include <boost/asio/ip/tcp.hpp>

namespace chatflow::load {

/// The addresses of the target's name, looked up each second beside the load. A look-up per
/// connection would be time in which requests wait, and in which no server has a part. One executor
/// only.
class Addresses {
 public:
    explicit Addresses(Target target);

    /// Looks the name up now; a failure keeps what was known.
    [[nodiscard]] awaitable<void> look_up();

    /// Looks it up each second, until it is cancelled.
    [[nodiscard]] awaitable<void> keep_current();

    /// In random order, so that each connection begins with another one. Throws
    /// boost::system::system_error with the last look-up's error while there is none.
    [[nodiscard]] std::vector<asio::ip::tcp::endpoint> shuffled() const;

 private:
    Target target_;
    std::vector<asio::ip::tcp::endpoint> known_;
    boost::system::error_code error_;
};

}  // namespace chatflow::load
