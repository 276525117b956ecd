#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/redis/options.hpp"

#include <memory>
#include <string_view>
#include <utility>
#include <variant>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

namespace chatflow::redis {

/// The bytes to and from a server, in the clear or by TLS. One executor only.
class Stream {
 public:
    /// Looks the name up, connects, and shakes hands if TLS is on. Throws
    /// boost::system::system_error.
    [[nodiscard]] static awaitable<std::unique_ptr<Stream>> connect(Options options);

    /// At least one byte; throws when the peer has closed.
    [[nodiscard]] awaitable<std::size_t> read_some(asio::mutable_buffer buffer);
    [[nodiscard]] awaitable<void> write(std::string_view bytes);

    /// `handler(error_code, size)` is called when all of `bytes`, which the caller keeps, is
    /// written.
    template <class Handler>
    void start_write(std::string_view bytes, Handler handler) {
        const auto write = [&](auto& stream) {
            asio::async_write(*stream, asio::buffer(bytes), std::move(handler));
        };
        std::visit(write, stream_);
    }

    /// SHA-256 of the certificate that the server showed, as 64 hexadecimal digits; "" in the
    /// clear.
    [[nodiscard]] std::string peer_fingerprint() const;

    /// Ends every pending read and write.
    void close();

    using Tcp = asio::ip::tcp::socket;
    using Tls = asio::ssl::stream<Tcp>;

    explicit Stream(Tcp plain) : stream_(std::make_unique<Tcp>(std::move(plain))) {}
    Stream(std::unique_ptr<asio::ssl::context> context, std::unique_ptr<Tls> secured)
        : context_(std::move(context)), stream_(std::move(secured)) {}

 private:
    std::unique_ptr<asio::ssl::context> context_;
    std::variant<std::unique_ptr<Tcp>, std::unique_ptr<Tls>> stream_;
};

}  // namespace chatflow::redis
