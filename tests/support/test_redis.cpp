#include "tests/support/test_redis.hpp"

#include "tests/support/free_port.hpp"

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace chatflow::test {
namespace {

constexpr int kReadyAttemptsMax = 300;
constexpr std::chrono::milliseconds kBetweenAttempts{50};

}  // namespace

TestRedis::TestRedis() : port_(find_free_port()) { start(); }

void TestRedis::start() {
    process_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{"/usr/bin/redis-server", "--bind", "127.0.0.1", "--port",
                                 std::to_string(port_), "--save", "", "--dir",
                                 folder_.path().string()},
        folder_.path() / "redis.log");
    for (int attempt = 0; attempt < kReadyAttemptsMax; ++attempt) {
        if (is_ready()) return;
        std::this_thread::sleep_for(kBetweenAttempts);
    }
    throw std::runtime_error("redis is not ready after 15 s");
}

void TestRedis::kill() { process_->stop(SIGKILL); }

void TestRedis::freeze() { process_->send(SIGSTOP); }

void TestRedis::unfreeze() { process_->send(SIGCONT); }

bool TestRedis::is_ready() const {
    namespace asio = boost::asio;
    asio::io_context io;
    asio::ip::tcp::socket socket(io);
    boost::system::error_code failed;
    socket.connect({asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(port_)},
                   failed);
    if (failed) return false;
    asio::write(socket, asio::buffer(std::string("PING\r\n")), failed);
    std::string answer(7, '\0');
    asio::read(socket, asio::buffer(answer), failed);
    return answer == "+PONG\r\n";
}

}  // namespace chatflow::test
