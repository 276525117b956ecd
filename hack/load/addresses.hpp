#pragma once

#include "hack/load/options.hpp"
#include "libs/async/awaitable.hpp"

#include <vector>

#include <boost/asio/ip/tcp.hpp>

namespace chatflow::load {

/// The addresses of the target's name, looked up each second beside the load. Asio resolves one
/// name at a time: a look-up per connection would make requests wait for each other, which no
/// server has a part in. One executor only.
class Addresses {
 public:
    Addresses(asio::any_io_executor executor, Target target);

    /// Looks the name up now; a failure keeps what was known.
    [[nodiscard]] awaitable<void> look_up();

    /// Looks it up each second, until it is cancelled.
    [[nodiscard]] awaitable<void> keep_current();

    /// In random order, so that each connection begins with another one. Throws
    /// boost::system::system_error with the last look-up's error while there is none.
    [[nodiscard]] std::vector<asio::ip::tcp::endpoint> shuffled() const;

 private:
    Target target_;
    asio::ip::tcp::resolver resolver_;
    std::vector<asio::ip::tcp::endpoint> known_;
    boost::system::error_code error_;
};

}  // namespace chatflow::load
