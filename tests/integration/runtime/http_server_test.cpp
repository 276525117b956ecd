#include "libs/async/clock.hpp"
#include "libs/async/notification.hpp"
#include "libs/http/body_source.hpp"
#include "libs/http/server.hpp"
#include "tests/support/run.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace chatflow::http {
namespace {

using namespace std::chrono_literals;
using tcp = asio::ip::tcp;

/// A raw connection, so that the test sees the bytes.
class Peer {
 public:
    Peer(asio::io_context& io, std::uint16_t port) : socket_(io) {
        socket_.connect({asio::ip::address_v4::loopback(), port});
    }

    awaitable<void> send(std::string bytes) {
        co_await asio::async_write(socket_, asio::buffer(bytes), asio::use_awaitable);
    }

    /// Head and body of the next response.
    awaitable<std::string> receive() {
        const auto head = co_await asio::async_read_until(socket_, asio::dynamic_buffer(received_),
                                                          "\r\n\r\n", asio::use_awaitable);
        std::size_t length = 0;
        const auto field = received_.find("Content-Length: ");
        if (field < head) length = std::stoul(received_.substr(field + 16));
        while (received_.size() < head + length) {
            char more[1024];
            const auto n =
                co_await socket_.async_read_some(asio::buffer(more), asio::use_awaitable);
            received_.append(more, n);
        }
        std::string response = received_.substr(0, head + length);
        received_.erase(0, head + length);
        co_return response;
    }

    /// All up to these words.
    awaitable<std::string> receive_until(std::string words) {
        const auto size = co_await asio::async_read_until(socket_, asio::dynamic_buffer(received_),
                                                          words, asio::use_awaitable);
        std::string response = received_.substr(0, size);
        received_.erase(0, size);
        co_return response;
    }

    /// Whether the server has closed the connection, with nothing more said.
    awaitable<bool> is_closed() {
        char more[1];
        const auto [error, n] = co_await socket_.async_read_some(
            asio::buffer(more), asio::as_tuple(asio::use_awaitable));
        co_return error == asio::error::eof&& received_.empty();
    }

    void close() { socket_.close(); }

 private:
    tcp::socket socket_;
    std::string received_;
};

/// Knows of no end before it comes.
class Pieces final : public BodySource {
 public:
    explicit Pieces(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}

    [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }
    [[nodiscard]] awaitable<std::string> next() override {
        if (next_ == pieces_.size()) co_return std::string();
        if (pieces_[next_] == "broken") throw std::runtime_error("the disk is on fire");
        co_return pieces_[next_++];
    }

 private:
    std::vector<std::string> pieces_;
    std::size_t next_ = 0;
};

class HttpServer : public testing::Test {
 protected:
    HttpServer() : gate_(io_.get_executor()), log_("test", LogLevel::Error) {
        log_.set_sink([](void* lines,
                         std::string_view line) { static_cast<std::string*>(lines)->append(line); },
                      &log_lines_);
        router_.add(Method::Get, "/hello/{name}",
                    [](const Request& request) { return hello(request); });
        router_.add(Method::Post, "/echo", [](const Request& request) { return echo(request); });
        router_.add(Method::Get, "/broken", [](const Request&) { return broken(); });
        router_.add(Method::Get, "/pieces",
                    [](const Request&) { return pieces({"one", " and a sixteenth!!"}); });
        router_.add(Method::Get, "/cut", [](const Request&) { return pieces({"one", "broken"}); });
        router_.add(Method::Get, "/slow", [this](const Request&) { return slow(); });
    }

    void start(Limits limits = {}, Hooks hooks = {}) {
        server_ = std::make_unique<Server>(
            io_.get_executor(), clock_, router_, log_,
            ServerOptions{.address = "127.0.0.1", .limits = limits, .hooks = std::move(hooks)});
        server_->start();
    }

    void TearDown() override { test::run(io_, server_->stop(Deadline::after(0s))); }

    Peer connect() { return Peer(io_, server_->port()); }

    std::string exchange(Peer& peer, std::string request) {
        test::run(io_, peer.send(std::move(request)));
        return test::run(io_, peer.receive());
    }

    static awaitable<Response> hello(const Request& request) {
        co_return text(200, "hello " + std::string(request.parameter("name")));
    }
    static awaitable<Response> echo(const Request& request) {
        co_return text(200, std::string(request.body));
    }
    static awaitable<Response> broken() {
        throw std::runtime_error("the disk is on fire");
        co_return Response{};
    }
    static awaitable<Response> pieces(std::vector<std::string> pieces) {
        co_return Response{.source = std::make_shared<Pieces>(std::move(pieces))};
    }
    awaitable<Response> slow() {
        ++slow_started_;
        while (!gate_is_open_) co_await gate_.wait();
        co_return text(200, "at last");
    }

    void open_gate() {
        gate_is_open_ = true;
        gate_.notify_all();
    }

    void run_until_slow_has_started() {
        io_.restart();
        while (slow_started_ == 0) io_.run_one();
    }

    asio::io_context io_{1};
    SystemClock clock_;
    Notification gate_;
    bool gate_is_open_ = false;
    int slow_started_ = 0;
    std::string log_lines_;
    Log log_;
    Router router_;
    std::unique_ptr<Server> server_;
    std::vector<std::unique_ptr<Peer>> kept_;
};

TEST_F(HttpServer, AnswersSeveralRequestsOnOneConnection) {
    start();
    Peer peer = connect();
    for (const std::string name : {"ann", "bob"}) {
        const auto response = exchange(peer, "GET /hello/" + name + " HTTP/1.1\r\nHost: h\r\n\r\n");
        EXPECT_TRUE(response.starts_with("HTTP/1.1 200 OK\r\nDate: ")) << response;
        EXPECT_TRUE(response.ends_with("hello " + name)) << response;
    }
    EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(HttpServer, AnswersPipelinedRequestsInOrder) {
    start();
    Peer peer = connect();
    std::string requests;
    for (int i = 0; i < 500; ++i) {
        requests += "GET /hello/" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
    }
    test::run(io_, peer.send(requests));
    for (int i = 0; i < 500; ++i) {
        EXPECT_TRUE(test::run(io_, peer.receive()).ends_with("hello " + std::to_string(i)));
    }
}

TEST_F(HttpServer, ReadsBodiesLargerThanItsBuffers) {
    start();
    Peer peer = connect();
    const std::string body(300'000, 'x');
    const auto response = exchange(peer,
                                   "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 300000"
                                   "\r\n\r\n" +
                                       body);
    EXPECT_TRUE(response.ends_with("\r\n\r\n" + body));
}

TEST_F(HttpServer, SendsABodyOfUnknownSizeInChunks) {
    start();
    Peer peer = connect();
    for (int i = 0; i < 2; ++i) {  // the connection stays
        test::run(io_, peer.send("GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n"));
        const std::string response = test::run(io_, peer.receive_until("\r\n0\r\n\r\n"));
        EXPECT_TRUE(response.contains("\r\nTransfer-Encoding: chunked\r\n")) << response;
        EXPECT_TRUE(response.ends_with("\r\n\r\n3\r\none\r\n12\r\n and a sixteenth!!\r\n0\r\n\r\n"))
            << response;
    }
}

TEST_F(HttpServer, AnOldClientLearnsTheEndOfSuchABodyByTheEndOfTheConnection) {
    start();
    Peer peer = connect();
    test::run(io_, peer.send("GET /pieces HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    const std::string response = test::run(io_, peer.receive_until("sixteenth!!"));
    EXPECT_TRUE(response.ends_with("\r\n\r\none and a sixteenth!!")) << response;
    EXPECT_TRUE(response.contains("\r\nConnection: close\r\n")) << response;
    EXPECT_TRUE(test::run(io_, peer.is_closed()));
}

TEST_F(HttpServer, WhatEndsInTheMiddleHasNoLastChunk) {
    start();
    Peer peer = connect();
    test::run(io_, peer.send("GET /cut HTTP/1.1\r\nHost: a\r\n\r\n"));
    const std::string response = test::run(io_, peer.receive_until("one\r\n"));
    EXPECT_TRUE(response.ends_with("\r\n\r\n3\r\none\r\n")) << response;
    EXPECT_TRUE(test::run(io_, peer.is_closed()));
}

TEST_F(HttpServer, SendsContinueBeforeTheBody) {
    start();
    Peer peer = connect();
    const auto head = exchange(peer,
                               "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n"
                               "Expect: 100-continue\r\n\r\n");
    EXPECT_EQ(head, "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_TRUE(exchange(peer, "ok").ends_with("\r\n\r\nok"));
}

TEST_F(HttpServer, ClosesAfterARefusalSoThatNothingIsSmuggled) {
    start();
    Peer peer = connect();
    const auto response =
        exchange(peer,
                 "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: "
                 "chunked\r\n\r\n0\r\n\r\nGET /hello/evil HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_TRUE(response.starts_with("HTTP/1.1 400 ")) << response;
    EXPECT_NE(response.find("Connection: close"), std::string::npos);
    EXPECT_TRUE(test::run(io_, peer.is_closed()));
}

TEST_F(HttpServer, TurnsAnExceptionInto500AndOneLogLine) {
    start();
    Peer peer = connect();
    const auto response = exchange(peer, "GET /broken HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_TRUE(response.starts_with("HTTP/1.1 500 ")) << response;
    EXPECT_EQ(response.find("fire"), std::string::npos) << "the peer learns nothing of the inside";
    EXPECT_NE(log_lines_.find("the disk is on fire"), std::string::npos);
    EXPECT_TRUE(exchange(peer, "GET /hello/a HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("hello a"));
}

TEST_F(HttpServer, AsksItsHooks) {
    std::string seen;
    start({}, {.admit = [](const Request& request) -> std::optional<Response> {
                   if (request.parameter("name") != "ann") return std::nullopt;
                   return text(503, "busy");
               },
               .observe =
                   [&seen](const Exchange& exchange) {
                       seen += std::string(exchange.request.route) + " " +
                               std::to_string(exchange.status) + "\n";
                   }});
    Peer peer = connect();
    exchange(peer, "GET /hello/ann HTTP/1.1\r\nHost: h\r\n\r\n");
    exchange(peer, "GET /hello/bob HTTP/1.1\r\nHost: h\r\n\r\n");
    exchange(peer, "GET /no/such/path HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(seen, "/hello/{name} 503\n/hello/{name} 200\nunmatched 404\n");
}

TEST_F(HttpServer, RefusesMoreRunningRequestsThanItsLimit) {
    start({.running_requests = 1});
    Peer first = connect();
    Peer second = connect();
    test::run(io_, first.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"));
    run_until_slow_has_started();
    EXPECT_TRUE(
        exchange(second, "GET /hello/a HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 503 "));
    open_gate();
    EXPECT_TRUE(test::run(io_, first.receive()).ends_with("at last"));
}

TEST_F(HttpServer, RefusesMoreConnectionsThanItsLimit) {
    start({.connections = 1});
    Peer first = connect();
    exchange(first, "GET /hello/a HTTP/1.1\r\nHost: h\r\n\r\n");
    Peer second = connect();
    EXPECT_TRUE(test::run(io_, second.receive()).starts_with("HTTP/1.1 503 "));
}

TEST_F(HttpServer, EndsAHeaderThatNeverArrives) {
    start({.header_time = 0s});
    Peer peer = connect();
    EXPECT_TRUE(exchange(peer, "GET /hello/a HT").starts_with("HTTP/1.1 408 "));
    EXPECT_TRUE(test::run(io_, peer.is_closed()));
}

TEST_F(HttpServer, EndsABodyThatNeverArrives) {
    start({.body_time = 0s});
    Peer peer = connect();
    EXPECT_TRUE(exchange(peer, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf")
                    .starts_with("HTTP/1.1 408 "));
}

TEST_F(HttpServer, ClosesIdleConnectionsWithoutAWord) {
    start({.idle_time = 0s});
    Peer peer = connect();
    EXPECT_TRUE(test::run(io_, peer.is_closed()));
}

TEST_F(HttpServer, EndsAPeerThatTakesNoResponse) {
    start({.body_bytes = 64 << 20, .write_time = 0s});
    Peer peer = connect();
    const std::string body(32 << 20, 'x');  // more than the kernel buffers
    test::run(io_, peer.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " +
                             std::to_string(body.size()) + "\r\n\r\n" + body));
    io_.restart();
    while (server_->connections() > 0) io_.run_one();
}

TEST_F(HttpServer, FinishesRunningRequestsWhenItStops) {
    start();
    Peer idle = connect();
    exchange(idle, "GET /hello/a HTTP/1.1\r\nHost: h\r\n\r\n");
    Peer busy = connect();
    test::run(io_, busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"));
    run_until_slow_has_started();

    TaskGroup stopping(io_.get_executor(), [](const std::exception_ptr&) { FAIL(); });
    stopping.spawn(server_->stop(Deadline::after(30s)));
    EXPECT_TRUE(test::run(io_, idle.is_closed()));
    idle.close();
    EXPECT_EQ(stopping.running(), 1U);
    EXPECT_THROW(connect(), boost::system::system_error);
    open_gate();
    const auto response = test::run(io_, busy.receive());
    EXPECT_TRUE(response.ends_with("at last"));
    EXPECT_NE(response.find("Connection: close"), std::string::npos);
    EXPECT_TRUE(test::run(io_, busy.is_closed()));
    busy.close();
    test::run(io_, stopping.wait());
}

TEST_F(HttpServer, CancelsWhatStillRunsAtTheDeadline) {
    start();
    Peer busy = connect();
    test::run(io_, busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"));
    run_until_slow_has_started();
    test::run(io_, server_->stop(Deadline::after(0s)));
    EXPECT_EQ(server_->connections(), 0U);
    EXPECT_EQ(server_->running_requests(), 0U);
}

TEST_F(HttpServer, SharesAPortWithASecondServer) {
    const auto options = [](std::uint16_t port) {
        return ServerOptions{.address = "127.0.0.1", .port = port, .share_port = true};
    };
    server_ = std::make_unique<Server>(io_.get_executor(), clock_, router_, log_, options(0));
    Server second(io_.get_executor(), clock_, router_, log_, options(server_->port()));
    server_->start();
    second.start();
    for (int i = 0; i < 40 && (server_->connections() == 0 || second.connections() == 0); ++i) {
        auto peer = std::make_unique<Peer>(connect());
        exchange(*peer, "GET /hello/a HTTP/1.1\r\nHost: h\r\n\r\n");
        kept_.push_back(std::move(peer));
    }
    EXPECT_GT(server_->connections(), 0U);
    EXPECT_GT(second.connections(), 0U);
    test::run(io_, second.stop(Deadline::after(0s)));
}

}  // namespace
}  // namespace chatflow::http
