#include "tests/support/free_port.hpp"

#include <random>
#include <stdexcept>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <fmt/format.h>

namespace chatflow::test {
namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;

asio::io_context& io() {
    static asio::io_context context;
    return context;
}

/// Abstract names belong to the network, as ports do, and end with the process that holds them.
bool hold(int port) {
    static std::vector<stream_protocol::acceptor> held;
    const std::string name = fmt::format("{}chatflow-test-port-{}", '\0', port);
    boost::system::error_code error;
    stream_protocol::acceptor holder(io(), stream_protocol());
    holder.bind(stream_protocol::endpoint(name), error);
    if (error) return false;
    held.push_back(std::move(holder));
    return true;
}

bool is_free(int port) {
    const asio::ip::tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"),
                                           static_cast<asio::ip::port_type>(port));
    boost::system::error_code error;
    asio::ip::tcp::acceptor acceptor(io(), endpoint.protocol());
    acceptor.set_option(asio::ip::tcp::acceptor::reuse_address(true));
    acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(1, error);
    return !error;
}

}  // namespace

int find_free_port() {
    static std::mt19937 any(std::random_device{}());
    constexpr int kTries = 1000;
    for (int i = 0; i < kTries; ++i) {
        const int port = std::uniform_int_distribution(10'000, 19'999)(any);
        if (is_free(port) && is_free(port + 10'000) && hold(port)) return port;
    }
    throw std::runtime_error("no free port from 10000 to 19999");
}

}  // namespace chatflow::test
