#include "tests/support/test_exporter.hpp"

#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

namespace chatflow::test {

namespace asio = boost::asio;
using asio::ip::tcp;

TestExporter::TestExporter()
    : acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port_(acceptor_.local_endpoint().port()),
      thread_([this] { serve(); }) {}

TestExporter::~TestExporter() {
    is_stopping_ = true;
    // Ends the accept that waits.
    asio::io_context io;
    tcp::socket knock(io);
    boost::system::error_code refused;
    knock.connect(
        tcp::endpoint(asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(port_)),
        refused);
    thread_.join();
}

void TestExporter::show(std::string text) {
    const std::lock_guard lock(mutex_);
    text_ = std::move(text);
    scrapes_ = 0;
}

void TestExporter::serve() {
    while (true) {
        boost::system::error_code failed;
        tcp::socket peer = acceptor_.accept(failed);
        if (is_stopping_) return;
        if (failed) continue;
        asio::streambuf request;
        asio::read_until(peer, request, "\r\n\r\n", failed);
        if (failed) continue;
        std::string text;
        {
            const std::lock_guard lock(mutex_);
            text = text_;
        }
        const std::string answer =
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\n"
            "Content-Length: " +
            std::to_string(text.size()) + "\r\n\r\n" + text;
        asio::write(peer, asio::buffer(answer), failed);
        ++scrapes_;
    }
}

}  // namespace chatflow::test
