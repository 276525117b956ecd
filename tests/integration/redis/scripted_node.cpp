#include "tests/integration/redis/scripted_node.hpp"

#include "libs/async/awaitable.hpp"
#include "libs/redis/reply_reader.hpp"

#include <array>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

namespace chatflow::test {

using asio::ip::tcp;

class ScriptedNode::Listener {
 public:
    Listener(Answer answer, tcp::endpoint at) : answer_(std::move(answer)), acceptor_(io_, at) {
        asio::co_spawn(io_, accept(), asio::detached);
        thread_ = std::thread([this] { io_.run(); });
    }
    ~Listener() {
        io_.stop();
        thread_.join();
    }

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
    awaitable<void> accept() {
        for (;;) {
            tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
            asio::co_spawn(io_, serve(std::move(socket)), asio::detached);
        }
    }

    awaitable<void> serve(tcp::socket socket) {
        redis::ReplyReader reader(1U << 20U);
        std::array<char, 4096> bytes;
        try {
            for (;;) {
                while (const auto command = reader.next()) {
                    const std::string answer = answer_(*command);
                    co_await asio::async_write(socket, asio::buffer(answer), asio::use_awaitable);
                }
                const auto size =
                    co_await socket.async_read_some(asio::buffer(bytes), asio::use_awaitable);
                reader.feed({bytes.data(), size});
            }
        } catch (const boost::system::system_error&) {  // the client has gone
        }
    }

    Answer answer_;
    asio::io_context io_{1};
    tcp::acceptor acceptor_;
    std::thread thread_;
};

ScriptedNode::ScriptedNode(Answer answer) : ScriptedNode(std::move(answer), "127.0.0.1", 0) {}
ScriptedNode::ScriptedNode(Answer answer, const std::string& address, std::uint16_t port)
    : listener_(std::make_unique<Listener>(std::move(answer),
                                           tcp::endpoint(asio::ip::make_address(address), port))) {}
ScriptedNode::~ScriptedNode() = default;

std::uint16_t ScriptedNode::port() const { return listener_->port(); }

}  // namespace chatflow::test
