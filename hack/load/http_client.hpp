#pragma once

#include "hack/load/addresses.hpp"
#include "libs/async/awaitable.hpp"

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>

namespace chatflow::load {

/// A request that was not answered; the text is a reason of few kinds: "timeout", "connection
/// refused", …
struct RequestFailed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Answer {
    unsigned status = 0;
    std::string body;
};

/// One keep-alive connection, made when it is needed and made anew about every 10 s, so that
/// new addresses get their part. One executor only.
class HttpClient {
 public:
    /// `addresses` outlive it.
    HttpClient(asio::any_io_executor executor, const Addresses& addresses);

    /// Sends a whole request and reads its answer. Throws RequestFailed. A request on a connection
    /// that turns out to be closed is sent again once, on a new one.
    [[nodiscard]] awaitable<Answer> exchange(std::string request);

    /// Ends what takes longer than the time limit of a request. To be called a few times a second.
    void end_overdue(std::chrono::steady_clock::time_point now);

    [[nodiscard]] std::uint64_t connections_made() const { return connections_made_; }

 private:
    using Time = std::chrono::steady_clock::time_point;

    awaitable<void> connect();
    awaitable<Answer> send_and_read(const std::string& request);
    void close();
    [[nodiscard]] RequestFailed failure(const boost::system::error_code& error) const;

    const Addresses& addresses_;
    asio::ip::tcp::socket socket_;
    boost::beast::flat_buffer buffer_;
    Time renew_at_{};
    Time end_ = Time::max();  // of the request under way
    bool is_overdue_ = false;
    std::uint64_t connections_made_ = 0;
};

}  // namespace chatflow::load
